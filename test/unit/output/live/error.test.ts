import { describe, expect, it } from "vitest";
import { AppError } from "../../../../src/core/errors.ts";
import { useColor } from "../../../../src/output/color.ts";
import { renderError, warningText } from "../../../../src/output/live/error.ts";

const error = new AppError("credentials_refused", "the API refused the key\x1b[2J\nThe secret is wrong.", {
  hint: "Check BLUUM_API_SECRET.",
  status: 401,
  vendorCode: "BLUM-401-003",
  requestId: "req_1",
});

describe("renderError", () => {
  it("prints the message, the cause and the hint", () => {
    expect(renderError(error, { json: false, color: false })).toBe(
      [
        "error: the API refused the key",
        "  The secret is wrong.",
        "  HTTP 401 · BLUM-401-003 · request req_1",
        "  next: Check BLUUM_API_SECRET.",
        "",
      ].join("\n"),
    );
  });

  it("keeps a command to copy in one piece, on a terminal of any width", () => {
    const command = "bluum-hooks check http://localhost:3000/webhooks/bluum --state 'a b' --only signature.stale";
    const failed = new AppError("check_failed", "it failed", { hint: `Fix what failed, then run: ${command}` });
    const text = renderError(failed, { json: false, color: false, width: 40 });
    expect(text).toBe(`error: it failed\n  next: Fix what failed, then run:\n  ${command}\n`);
    expect(renderError(failed, { json: false, color: false, width: 200 })).toContain(`then run: ${command}\n`);
    const hint = "Set BLUUM_API_KEY and BLUUM_API_SECRET, or run: bluum-hooks login";
    const missing = new AppError("credentials_missing", "none", { hint });
    expect(renderError(missing, { json: false, color: false, width: 50 })).toContain(" run: bluum-hooks login\n");
  });

  it("wraps what is no command between words", () => {
    const hint = "Check the network, and the base URL (--base-url, BLUUM_BASE_URL).";
    const warning = { code: "api_unreachable", message: "cannot reach the API at all: refused", hint } as const;
    expect(warningText(warning, { json: false, color: false, width: 30 })).toBe(
      "! cannot reach the API at all:\n  refused\n  next: Check the network, and\n  the base URL (--base-url,\n  BLUUM_BASE_URL).\n",
    );
  });

  it("is one object on one line as JSON", () => {
    const line = renderError(error, { json: true, color: true });
    expect(line).toMatch(/^\{"error":.*\}\n$/);
    expect(JSON.parse(line).error).toMatchObject({ code: "credentials_refused", status: 401, requestId: "req_1" });
  });
});

describe("useColor", () => {
  it.each([
    ["a terminal", { choice: undefined, env: {}, isTTY: true }, true],
    ["no terminal", { choice: "auto", env: {}, isTTY: false }, false],
    ["a terminal that can do nothing", { choice: "auto", env: { TERM: "dumb" }, isTTY: true }, false],
    ["NO_COLOR", { choice: "auto", env: { NO_COLOR: "1" }, isTTY: true }, false],
    ["an empty NO_COLOR", { choice: "auto", env: { NO_COLOR: "" }, isTTY: true }, true],
    ["FORCE_COLOR without a terminal", { choice: "auto", env: { FORCE_COLOR: "1" }, isTTY: false }, true],
    ["FORCE_COLOR=0", { choice: "auto", env: { FORCE_COLOR: "0" }, isTTY: true }, false],
    ["--color always against NO_COLOR", { choice: "always", env: { NO_COLOR: "1" }, isTTY: false }, true],
    ["--color never against FORCE_COLOR", { choice: "never", env: { FORCE_COLOR: "1" }, isTTY: true }, false],
  ])("follows %s", (_what, input, expected) => {
    expect(useColor(input)).toBe(expected);
  });
});
