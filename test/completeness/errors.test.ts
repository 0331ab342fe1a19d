import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ERROR_CODES, WARNING_CODES } from "../../src/core/errors.ts";

const docs = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

it("every error code is documented with its exit code, and every documented code exists", () => {
  const documented = Object.fromEntries(
    [...docs.matchAll(/^- `([a-z_]+)` \((\d+)\): \S/gm)].map(([, code, exit]) => [code, Number(exit)]),
  );
  expect(documented, "describe each code of src/core/errors.ts in docs/errors.md").toEqual(ERROR_CODES);
});

it("every warning code is documented, and every documented one exists", () => {
  const [, section = ""] = docs.split("\n## Warnings\n");
  expect(
    [...section.matchAll(/^- `([a-z_]+)`: \S/gm)].map(([, code]) => code),
    "describe each code of src/core/errors.ts in docs/errors.md, in the same order",
  ).toEqual([...WARNING_CODES]);
});
