import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";
import { SCHEMES } from "../../src/core/signature.ts";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = `whsec_${Buffer.from("thirty-two bytes that are secret").toString("base64")}`;
const BODY = Buffer.from('{"event":"order.filled","data":{"id":"ord_1","note":"é"}}\n');

function bench() {
  const folder = tempFolder();
  const env = { BLUUM_HOOKS_HOME: folder, BLUUM_WEBHOOK_SECRET: SECRET };
  const write = (name: string, content: string | Buffer) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const run = (args: readonly string[], stdin?: Buffer) =>
    runInProcess(args, env, { readStdin: async () => stdin ?? Buffer.alloc(0) });
  return { folder, env, write, run, body: write("body.json", BODY) };
}
const headersIn = (stdout: string) =>
  Object.fromEntries(stdout.split("\n").map((line) => line.split(/: (.*)/, 2) as [string, string]));

describe("sign", () => {
  it("prints headers that the reference implementation verifies", async () => {
    const { run, body } = bench();
    const { code, stdout } = await run(["sign", body]);
    expect(code).toBe(0);
    expect(() => new Webhook(SECRET).verify(BODY, headersIn(stdout))).not.toThrow();
  });

  it("signs with the given id and time, so that it can be repeated", async () => {
    const { run, body } = bench();
    const sign = (when: string) => run(["sign", body, "--id", "evt_1", "--timestamp", when, "--json"]);
    const { headers } = JSON.parse((await sign("1750000000")).stdout) as { headers: [string, string][] };
    expect(Object.fromEntries(headers)).toEqual({
      "webhook-id": "evt_1",
      "webhook-timestamp": "1750000000",
      "webhook-signature": new Webhook(SECRET).sign("evt_1", new Date(1_750_000_000_000), BODY),
    });
    expect((await sign("2025-06-15T15:06:40Z")).stdout).toBe((await sign("1750000000")).stdout);
  });

  it("reads the payload from standard input, byte for byte", async () => {
    const { run } = bench();
    const bytes = Buffer.from([0xff, 0x00, 0x0a]);
    const { stdout } = await run(["sign", "--scheme", "hex", "--signature-header", "x-mine", "-"], bytes);
    expect(stdout).toMatch(/^x-mine: sha256=[0-9a-f]{64}\n$/);
    const verified = await run(["verify", "--header", stdout.trim(), "--signature-header", "X-Mine", "--json"], bytes);
    expect(JSON.parse(verified.stdout)).toMatchObject({ verdict: "verified", scheme: "hex", header: "x-mine" });
  });

  it("prints a curl command that delivers the exact bytes", async () => {
    const { run, write } = bench();
    const app = await startApp();
    const { stdout } = await run(["sign", write("it's.json", BODY), "--curl", `${app.url}/hooks?a=1&b=2`]);
    // Not `execFileSync`: the app answers in this process.
    const { promisify } = await import("node:util");
    const { execFile } = await import("node:child_process");
    await promisify(execFile)("sh", ["-c", stdout]);
    const [request] = app.requests;
    expect(request?.body).toEqual(BODY);
    expect(request?.path).toBe("/hooks?a=1&b=2");
    const raw = request?.rawHeaders ?? [];
    const headers = Object.fromEntries(raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""]] : [])));
    expect(() => new Webhook(SECRET).verify(BODY, headers)).not.toThrow();
  });

  it.each([[[]], [["-"]]])("prints no curl command for standard input: %j", async (file) => {
    const { run } = bench();
    const { code, stdout, error } = await run(["sign", ...file, "--curl", "http://127.0.0.1:9/", "--json"], BODY);
    expect([code, stdout, error?.code]).toEqual([2, "", "invalid_usage"]);
    expect(error?.hint).toContain("sign body.json --curl http://127.0.0.1:9/");
  });

  it.each([
    [["--id", "a\nb"], "one word"],
    [["--timestamp", "yesterday"], "Unix seconds"],
    [["--signature-header", "a:b"], "name of a header"],
  ])("refuses %j", async (args, message) => {
    const { run, body } = bench();
    const { code, error } = await run(["sign", body, ...args, "--json"]);
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.message).toContain(message);
  });

  it("reports a missing secret, a missing file, and missing input", async () => {
    const { run, env } = bench();
    expect((await run(["sign", "no/such/file", "--json"])).error?.code).toBe("file_unusable");
    const secretless = await runInProcess(["sign", "x", "--json"], { BLUUM_HOOKS_HOME: env.BLUUM_HOOKS_HOME });
    expect([secretless.code, secretless.error?.code]).toEqual([3, "webhook_secret_missing"]);
    expect(secretless.error?.hint).not.toContain("--unsigned");
    const alone = await runInProcess(["sign", "--json"], env, { isInteractive: true });
    expect([alone.code, alone.error?.code]).toEqual([2, "invalid_usage"]);
  });
});

describe("a secret that was copied wrongly", () => {
  const commands: [what: string, args: string[]][] = [
    ["sign", ["sign", "-"]],
    ["verify", ["verify", "-", "--header", "x-signature: a"]],
    ["trigger event", ["trigger", "event", "order.filled", "--to", "9"]],
    ["check", ["check", "http://127.0.0.1:9/"]],
    ["replay --resign", ["events", "replay", "last", "--resign", "--to", "9"]],
    ["listen", ["listen", "--no-register", "--port", "0"]],
  ];

  it.each(commands)("is refused before %s does anything, with the same message", async (_what, args) => {
    for (const secret of [`"${SECRET}"`, `v1,${SECRET}`, "whsec_!!!"]) {
      const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_WEBHOOK_SECRET: secret };
      const { code, stdout, stderr, error } = await runInProcess([...args, "--json"], env, {
        readStdin: async () => BODY,
      });
      expect([code, stdout, error?.code]).toEqual([2, "", "invalid_setting"]);
      expect(error?.message).toMatch(/^invalid BLUUM_WEBHOOK_SECRET: must /);
      expect(error?.hint).toMatch(/whsec_/);
      expect(stderr).not.toContain(SECRET.slice(6));
    }
  });

  it("and lacks its prefix is used as the libraries do, and reported", async () => {
    const { run, env, body } = bench();
    const bare = SECRET.slice("whsec_".length);
    const end = await runInProcess(["sign", body], { ...env, BLUUM_WEBHOOK_SECRET: bare });
    expect(end.code).toBe(0);
    expect(end.stderr).toContain("lacks the prefix whsec_");
    expect(() => new Webhook(bare).verify(BODY, headersIn(end.stdout))).not.toThrow();
    const flags = end.stdout
      .trim()
      .split("\n")
      .flatMap((line) => ["--header", line]);
    const verified = await runInProcess(["verify", body, ...flags], { ...env, BLUUM_WEBHOOK_SECRET: bare });
    expect(verified.code).toBe(0);
    expect(verified.stdout).toContain("lacks the prefix whsec_");
    expect((await run(["verify", body, ...flags])).stdout).not.toContain("lacks");
    const hex = await runInProcess(["sign", body, "--scheme", "hex"], { ...env, BLUUM_WEBHOOK_SECRET: bare });
    expect(hex.stderr).toBe("");
  });
});

describe("verify", () => {
  it.each([
    ["UTF-8", (text: string) => Buffer.from(`\ufeff${text}`)],
    ["UTF-16, as Windows PowerShell writes it", (text: string) => Buffer.from(`\ufeff${text}`, "utf16le")],
  ])("reads headers after a byte order mark: %s", async (_what, encode) => {
    const { run, body, write } = bench();
    const headers = write("headers.txt", encode((await run(["sign", body, "--scheme", "hex"])).stdout));
    expect((await run(["verify", body, "--headers-file", headers])).code).toBe(0);
  });

  it("reports a time in milliseconds as invalid", async () => {
    const { run, body } = bench();
    const header = "x-signature: t=1750000000123,v1=" + "0".repeat(64);
    const { code, stdout } = await run(["verify", body, "--header", header]);
    expect(code).toBe(6);
    expect(stdout).toContain("The signature time 1750000000123 is in milliseconds");
    expect(stdout).not.toContain("unsigned");
  });

  it.each(SCHEMES)("accepts signatures of sign in the scheme %s, and nothing else", async (scheme) => {
    const { run, body, write } = bench();
    const headers = write("headers.txt", (await run(["sign", body, "--scheme", scheme])).stdout);
    const good = await run(["verify", body, "--headers-file", headers, "--json"]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.stdout)).toMatchObject({ verdict: "verified", scheme, findings: [] });
    const changed = write("changed.json", BODY.toString().replace("ord_1", "ord_2"));
    const bad = await run(["verify", changed, "--headers-file", headers, "--json"]);
    expect(bad.code).toBe(6);
    expect(JSON.parse(bad.stdout)).toMatchObject({ verdict: "mismatch" });
  });

  it("accepts signatures of the reference implementation", async () => {
    const { run, body } = bench();
    const at = new Date();
    const signature = new Webhook(SECRET).sign("msg_1", at, BODY);
    const lines = [
      "webhook-id: msg_1",
      `webhook-timestamp: ${Math.floor(at.getTime() / 1000)}`,
      `webhook-signature: ${signature}`,
    ];
    const { code, stdout } = await run(["verify", body, ...lines.flatMap((line) => ["--header", line])]);
    expect([code, stdout]).toEqual([0, "✓ verified · standard-webhooks · webhook-signature\n"]);
  });

  it("explains the cause: a line break, or an old signature that was valid at its time", async () => {
    const { run, body, write } = bench();
    const headers = write("h.txt", (await run(["sign", body, "--timestamp", "1750000000"])).stdout);
    const old = await run(["verify", body, "--headers-file", headers]);
    expect(old.code).toBe(6);
    expect(old.stdout).toMatch(
      /^✗ stale · standard-webhooks · webhook-signature\n {2}It was signed \d+ d( \d+ h)? ago; the tolerance is 5 min/,
    );
    const then = ["--headers-file", headers, "--at", "1750000060"];
    expect((await run(["verify", body, ...then])).code).toBe(0);
    expect((await run(["verify", body, ...then, "--tolerance", "30s"])).code).toBe(6);
    const trimmed = write("trimmed.json", BODY.toString().trimEnd());
    expect((await run(["verify", trimmed, ...then])).stdout).toContain("lacks the line break");
  });

  it("needs headers, and not both from one pipe", async () => {
    const { run, body } = bench();
    for (const args of [[body], [body, "--header", "x"], ["--headers-file", "-"]]) {
      const { code, error } = await run(["verify", ...args, "--json"]);
      expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    }
  });

  it("never prints the secret", async () => {
    const { run, body } = bench();
    for (const args of [
      ["sign", body, "--curl", "http://127.0.0.1:9/"],
      ["verify", body, "--header", "x-signature: v0"],
    ]) {
      const { stdout, stderr } = await run(args);
      expect(stdout + stderr).not.toContain(SECRET.slice(6));
    }
  });
});

it("bytes stay unchanged in a real pipe", () => {
  const { env, folder } = bench();
  const bin = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));
  const options = { env: { ...env, PATH: process.env["PATH"] ?? "" }, cwd: folder } as const;
  const input = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x0d, 0x0a, 0x7d]);
  const headers = execFileSync(process.execPath, [bin, "sign"], { ...options, input });
  writeFileSync(join(folder, "h.txt"), headers);
  const verdict = execFileSync(process.execPath, [bin, "verify", "--headers-file", "h.txt"], { ...options, input });
  expect(verdict.toString()).toContain("verified");
});
