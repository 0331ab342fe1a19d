import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import { runChecks } from "../../src/checks/checks.ts";
import { openConfig } from "../../src/config/config-file.ts";
import type { Context } from "../../src/context.ts";
import { readDelivery } from "../../src/core/delivery.ts";
import { verify } from "../../src/core/signature.ts";
import { openStore } from "../../src/store/store.ts";
import { deployed, report } from "../support/deployed.ts";
import { runInProcess } from "../support/in-process.ts";
import { makeLoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const PUBLIC = "https://app.example/webhooks/bluum";
/** The words of the command at the end of a text, or of one of its lines, as a shell would split them. */
const commandAfter = (text: string, label: string) =>
  new RegExp(`${label} bluum-hooks (.+)`).exec(text)?.[1]?.split(" ") ?? [];
/** The whole stdout: with `--json` it is one document. */
const document = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

async function withWebhook(options: Parameters<typeof startSandbox>[0] = {}) {
  const sandbox = await startSandbox(options);
  const { id, secret } = (await sandbox.call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/a",
    eventTypeNames: ["order.*"],
    description: "staging",
  })) as { id: string; secret: string };
  const run = (args: string[], overrides: Partial<Context> = {}, env: Record<string, string> = {}) =>
    runInProcess(["promote", ...args, "--webhook", id], { ...sandbox.env, ...env }, deployed(overrides));
  const promote = (...args: string[]) => run([...args, "--json"]);
  return { ...sandbox, id, secret, run, promote, before: await webhooksOf(sandbox.call) };
}

describe("promote", () => {
  it("changes nothing with --dry-run, and nothing without a confirmation", async () => {
    const { promote, run, call, before } = await withWebhook();
    expect(document((await promote(PUBLIC, "--dry-run")).stdout)).toMatchObject({
      action: "dry-run",
      after: { url: PUBLIC },
    });
    expect((await promote(PUBLIC)).error?.code).toBe("confirmation_required");
    expect(await webhooksOf(call)).toEqual(before);
    const { stdout, stderr } = await run([PUBLIC, "--dry-run"]);
    expect(stdout).toContain(`\n+ url  ${PUBLIC}\n`);
    expect(stderr).toContain("Nothing was changed.");
  });

  it("outside production it keeps the description", async () => {
    const { run } = await withWebhook();
    expect((await run([PUBLIC, "--dry-run"])).stdout).not.toContain("Production webhook");
  });

  it("and its rollback leave the webhook unchanged", async () => {
    const { promote, call, before } = await withWebhook();
    expect((await promote(PUBLIC, "--yes")).code).toBe(0);
    expect(await webhooksOf(call)).toEqual([{ ...before[0], url: PUBLIC, status: "ACTIVE" }]);
    expect((await promote("--rollback", "--yes")).code).toBe(0);
    expect(await webhooksOf(call)).toEqual(before);
    expect((await promote("--rollback", "--yes")).error?.code).toBe("nothing_to_roll_back");
  });

  it("can be rolled back only once: two promotions, one rollback", async () => {
    const { promote, call } = await withWebhook();
    await promote(PUBLIC, "--yes");
    const first = await webhooksOf(call);
    await promote("https://next.example/hooks", "--yes");
    expect((await promote("--rollback", "--yes")).code).toBe(0);
    expect(await webhooksOf(call)).toEqual(first);
  });

  it("is not rolled back over a later change", async () => {
    const { promote, call, id } = await withWebhook();
    await promote(PUBLIC, "--yes");
    await call("PATCH", `/webhooks/${id}`, { url: "https://newer.example/hooks" });
    expect((await promote("--rollback", "--yes")).error?.code).toBe("webhook_changed");
  });

  it("warns before a rollback to a tunnel", async () => {
    const { promote, call, id } = await withWebhook();
    await call("PATCH", `/webhooks/${id}`, { url: "https://x.ngrok-free.app/hooks" });
    await promote(PUBLIC, "--yes");
    const { code, stdout, stderr } = await promote("--rollback", "--yes");
    expect(code).toBe(0);
    expect(document(stdout)).toMatchObject({ action: "rolled-back" });
    expect(JSON.parse(stderr)).toMatchObject({ warning: { code: "tunnel_before" } });
  });

  it.each([
    ["http://app.example/hooks", "HTTPS only"],
    ["https://localhost/hooks", "this machine"],
    ["https://127.0.0.1/hooks", "this machine"],
    ["https://2130706433/hooks", "this machine"],
    ["https://[::1]/", "this machine"],
    ["https://10.1.2.3/", "private network"],
    ["https://100.64.0.9/", "private network"],
    ["https://169.254.169.254/", "private network"],
    ["https://[fd00::1]/", "private network"],
    ["https://[fe80::1]/", "private network"],
    ["https://[::ffff:192.168.0.1]/", "private network"],
    ["https://intranet/hooks", "private network"],
    ["https://203.0.113.1/", "no server"],
    ["https://x.ngrok-free.app/", "(ngrok)"],
    ["https://x.tail1.ts.net/", "(Tailscale Funnel)"],
    ["https://webhook.site/1", "displays requests"],
    ["https://x-3000.app.github.dev/", "development machine"],
    ["https://x.jprq.live/", "(jprq)"],
    ["https://app.lvh.me/", "resolves to the machine of each client"],
    ["https://127.0.0.1.nip.io/", "this machine"],
    ["https://--1.sslip.io/", "this machine"],
    ["https://app-192-168-0-7.sslip.io/", "private network"],
    ["https://203-0-113-1.sslip.io/", "no server"],
    ["https://app.corp/", "private network"],
    ["https://user:hunter22@app.example/", "contains credentials"],
    ["https://app.example/hooks#live", "the part after # is never sent"],
    ["https://app.example:0/", "port 0"],
    ["https://app.test/", "private network"],
    ["https://user:hunter22@app.example:99999/", "not a URL"],
    ["user:hunter22@app.example", "HTTPS only"],
    ["nonsense", "not a URL"],
  ])("refuses %s even with --skip-checks, because of: %s", async (url, why) => {
    const { promote, call, before } = await withWebhook();
    const { code, error, stderr } = await promote(url, "--yes", "--skip-checks");
    expect([code, error?.code]).toEqual([2, "invalid_url"]);
    expect(error?.message).toContain(why);
    expect(stderr).not.toContain("hunter22");
    expect(await webhooksOf(call)).toEqual(before);
  });

  it("accepts a name that contains the address of a server on the internet", async () => {
    const { promote } = await withWebhook();
    expect((await promote("https://app.5-78-188-206.sslip.io/hooks", "--yes")).code).toBe(0);
  });

  it.each([
    [["8.8.8.8", "192.168.1.7"], "a private network (192.168.1.7)"],
    [["127.0.0.1"], "this machine (127.0.0.1)"],
    [["::ffff:10.0.0.1"], "a private network"],
  ])("refuses a name that resolves to %j, even with --skip-checks", async (addresses, why) => {
    const { run } = await withWebhook();
    const lookUp = async () => ({ kind: "found", addresses }) as const;
    const { error } = await run([PUBLIC, "--yes", "--skip-checks", "--json"], { lookUp });
    expect(error?.code).toBe("invalid_url");
    expect(error?.message).toContain(why);
  });

  it("treats an unknown name as not ready, which --skip-checks overrides", async () => {
    const { run, call, before } = await withWebhook();
    const lookUp = async () => ({ kind: "unknown", reason: "DNS lookup failed: unknown host" }) as const;
    const { code, error } = await run([PUBLIC, "--yes", "--json"], { lookUp });
    expect([code, error?.code]).toEqual([6, "check_failed"]);
    expect(await webhooksOf(call)).toEqual(before);
    expect((await run([PUBLIC, "--yes", "--skip-checks", "--json"], { lookUp })).code).toBe(0);
  });

  it("changes nothing, shows the report and ends with 6 when a required check fails", async () => {
    const { run, call, before } = await withWebhook();
    const checkEndpoint = async ({ url }: { url: string }) => report(url, { signed: "failed" });
    const { code, stdout, error } = await run([PUBLIC, "--yes", "--json"], { checkEndpoint });
    expect([code, error?.code]).toEqual([6, "check_failed"]);
    expect(document(stdout)).toMatchObject({ action: "refused", checks: { passed: false } });
    const human = await run([PUBLIC, "--yes"], { checkEndpoint });
    expect(human.stdout).toContain("Not ready for production");
    expect(human.stderr).toContain("Nothing was changed");
    expect(await webhooksOf(call)).toEqual(before);
    expect((await run([PUBLIC, "--yes", "--skip-checks"], { checkEndpoint })).code).toBe(0);
  });

  it("fails with the command that checks the endpoint again with the same options", async () => {
    const { run, emulator, id } = await withWebhook();
    const file = join(tempFolder(), "our authorities.pem");
    writeFileSync(file, makeLoopbackCertificate().certPem);
    const checkEndpoint = async ({ url }: { url: string }) => report(url, { signed: "failed" });
    const told = ["--scheme", "hex", "--signature-header", "x-sig"];
    const { error } = await run([`${PUBLIC}?a=1&b=2`, "--yes", ...told, "--ca", file, "--json"], { checkEndpoint });
    expect(error?.hint).toMatch(/ bluum-hooks check .*$/);
    expect(error?.hint?.split("with: ").at(-1)).toBe(
      `bluum-hooks check '${PUBLIC}?a=1&b=2' --safe ${told.join(" ")} --ca '${file}' --webhook ${id} --base-url ${emulator.baseUrl}`,
    );
  });

  it("fails with the webhook that it has found by its URL, because a check would not find its secret", async () => {
    const { env, call, id } = await withWebhook();
    await call("PATCH", `/webhooks/${id}`, { url: PUBLIC });
    const checkEndpoint = async ({ url }: { url: string }) => report(url, { signed: "failed" });
    const promote = ["promote", PUBLIC, "--description", "live", "--yes", "--json"];
    const { error } = await runInProcess(promote, env, deployed({ checkEndpoint }));
    expect(error).toMatchObject({ code: "check_failed", hint: expect.stringContaining(`--webhook ${id}`) as string });
  });

  it("says how to create a webhook if there is none", async () => {
    const { emulator, env } = await startSandbox();
    const { error } = await runInProcess(["promote", PUBLIC, "--yes", "--json"], env, deployed());
    expect(error?.hint).toBe(`Create one with: bluum-hooks register ${PUBLIC} --base-url ${emulator.baseUrl}`);
  });

  it("that has activated an inactive webhook is rolled back to inactive, and says so", async () => {
    const { run, call, id } = await withWebhook();
    await call("PATCH", `/webhooks/${id}`, { status: "INACTIVE" });
    expect((await run([PUBLIC, "--yes"])).code).toBe(0);
    const { stdout } = await run(["--rollback", "--yes"]);
    expect((await webhooksOf(call))[0]?.status).toBe("INACTIVE");
    expect(stdout).toBe(`${id} is inactive again, as before the promotion.\n`);
  });

  it("shows the progress of the checks on a terminal, and removes it at the end", async () => {
    const { run } = await withWebhook();
    let shown = "";
    const stderr = {
      write: (text: string) => void (shown += text),
      erase: (what: string) => void (shown += `<erase ${what}>`),
      isTTY: true,
      columns: 80,
    };
    const checkEndpoint: Context["checkEndpoint"] = async ({ url }, deps) => {
      deps.onProgress?.(1, 5, "answers HTTP");
      return report(url, { signed: "passed" });
    };
    expect((await run([PUBLIC, "--yes"], { checkEndpoint, stderr })).code).toBe(0);
    expect(shown).toContain("2/5  answers HTTP …<erase line>");
    shown = "";
    expect((await run(["https://b.example", "--yes", "--quiet"], { checkEndpoint, stderr })).code).toBe(0);
    expect(shown).not.toContain("2/5");
  });

  it("prints each check when it ends, before the question", async () => {
    const { run } = await withWebhook();
    let shown = "";
    const stderr = { write: (text: string) => void (shown += text), isTTY: false, columns: 80 };
    const shownBefore: boolean[] = [];
    const checkEndpoint: Context["checkEndpoint"] = async ({ url }, deps) => {
      const done = report(url, { signed: "passed" });
      for (const result of done.results) {
        shownBefore.push(shown.includes(result.title));
        deps.onResult?.(result);
        shownBefore.push(shown.includes(`✓ ${result.title}`));
      }
      return done;
    };
    expect((await run([PUBLIC, "--yes"], { checkEndpoint, stderr })).code).toBe(0);
    expect(shownBefore.slice(0, 2)).toStrictEqual([false, true]);
  });

  it("says that no signed event can be sent without the secret, also in the question", async () => {
    const { run } = await withWebhook();
    let asked = "";
    const confirm = async (question: string) => {
      asked = question;
      return false;
    };
    const { code, stderr } = await run([PUBLIC], { isInteractive: true, confirm });
    expect(code).toBe(2);
    expect(stderr).toContain("the secret of this webhook is unknown");
    expect(asked).toContain("without testing a signed event");
  });

  it("says in the changes, in the question and with --json that a sandbox webhook is not production", async () => {
    const { run, promote } = await withWebhook();
    let asked = "";
    const confirm = async (question: string) => {
      asked = question;
      return false;
    };
    const { stderr } = await run([PUBLIC], { isInteractive: true, confirm });
    expect(stderr).toMatch(/in sandbox:\n/);
    expect(commandAfter(stderr, "To receive production events:")).toEqual(["promote", PUBLIC, "--env", "production"]);
    expect(asked).toContain("in sandbox (not production)");
    expect(document((await promote(PUBLIC, "--dry-run")).stdout)).toMatchObject({ environment: "sandbox" });
  });

  it("signs with the webhook's secret in the scheme of received deliveries", async () => {
    const { run, env, id, secret } = await withWebhook();
    const options: unknown[] = [];
    const checkEndpoint: Context["checkEndpoint"] = async (given) => {
      options.push(given);
      return report(given.url, { signed: "passed" });
    };
    const withSecret = { BLUUM_WEBHOOK_SECRET: secret };
    const unseen = await run([PUBLIC, "--json"], { checkEndpoint }, withSecret);
    expect(unseen.stderr).toContain('{"warning":{"code":"scheme_unknown"');
    const listen = ["listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--trigger", "order", "--count", "1"];
    expect((await runInProcess([...listen, "--json"], { ...env, ...withSecret })).code).toBe(0);
    await run([PUBLIC, "--json"], { checkEndpoint }, withSecret);
    await run([PUBLIC, "--scheme", "hex", "--signature-header", "x-sig", "--json"], { checkEndpoint }, withSecret);
    expect(options).toMatchObject([
      { secret: undefined, safe: true },
      { secret, safe: true, scheme: "standard-webhooks", url: PUBLIC },
      { secret, scheme: "hex", signatureHeader: "x-sig" },
    ]);
  });

  it("runs the real checks against a real endpoint over TLS", async () => {
    const { run, secret, call } = await withWebhook();
    const { keyPem, certPem } = makeLoopbackCertificate();
    const events: (string | null)[] = [];
    const server = createServer({ key: keyPem, cert: certPem }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
        const { verdict } = verify({ headers, body, secrets: [secret], now: Date.now() });
        if (verdict === "verified") {
          events.push(readDelivery("d", { method: "POST", path: "/", headers, body, receivedAt: 0 }).event);
        }
        response.writeHead(verdict === "verified" ? 204 : 401).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const here = `https://localhost:${(server.address() as AddressInfo).port}/hooks`;
    const args = [PUBLIC, "--yes", "--scheme", "timestamped", "--json"];
    const checkEndpoint: Context["checkEndpoint"] = (options, deps) =>
      runChecks({ ...options, url: here, ca: certPem }, deps);
    const { code, stdout } = await run(args, { checkEndpoint }, { BLUUM_WEBHOOK_SECRET: secret });
    expect(code).toBe(0);
    expect(document(stdout)).toMatchObject({ action: "promoted", checks: { passed: true, reachable: true } });
    expect(new Set(events)).toEqual(new Set(["bluum_hooks.check"]));
    expect((await webhooksOf(call))[0]?.url).toBe(PUBLIC);
    const wrong = await run(
      args.with(0, "https://b.example/"),
      { checkEndpoint },
      { BLUUM_WEBHOOK_SECRET: "whsec_AAAA" },
    );
    expect(wrong.error?.code).toBe("check_failed");
    expect((await webhooksOf(call))[0]?.url).toBe(PUBLIC);
  });

  it("refuses a certificate that is invalid or expires soon, unless the checks are skipped", async () => {
    const { run } = await withWebhook();
    const fault = (code: string | null, endsInDays: number): Context["inspectCertificate"] => {
      const endsAt = Date.now() + endsInDays * 86_400_000;
      return async () => ({
        kind: "shown",
        certificate: { names: ["app.example"], issuer: "Test", startsAt: 0, endsAt },
        fault: code,
      });
    };
    for (const [inspectCertificate, why] of [
      [fault("DEPTH_ZERO_SELF_SIGNED_CERT", 90), "is not trusted"],
      [fault(null, 9.5), "in 9 days"],
      [async () => ({ kind: "none", reason: "connection refused" }) as const, "connection refused"],
    ] as const) {
      const { code, error } = await run([PUBLIC, "--yes", "--json"], { inspectCertificate });
      expect([code, error?.code]).toEqual([6, "check_failed"]);
      expect(error?.message).toContain(why);
    }
    expect((await run([PUBLIC, "--yes", "--skip-checks"], { inspectCertificate: fault("X", -1) })).code).toBe(0);
  });

  it("uses the authorities of --ca for the certificate and the checks, and reports a file without any", async () => {
    const { run } = await withWebhook();
    const file = join(tempFolder(), "ca.pem");
    writeFileSync(file, makeLoopbackCertificate().certPem);
    const trusted: (string | undefined)[] = [];
    const base = deployed();
    const inspectCertificate: Context["inspectCertificate"] = async (request) => {
      trusted.push(request.ca);
      return base.inspectCertificate!(request);
    };
    const checkEndpoint: Context["checkEndpoint"] = async (options, deps) => {
      trusted.push(options.ca);
      return base.checkEndpoint!(options, deps);
    };
    expect((await run([PUBLIC, "--yes", "--ca", file], { inspectCertificate, checkEndpoint })).code).toBe(0);
    const pem = readFileSync(file, "utf8");
    expect(trusted).toEqual([pem, pem]);
    writeFileSync(file, "no certificate");
    expect((await run(["https://b.example", "--yes", "--ca", file, "--json"])).error?.code).toBe("file_unusable");
  });

  it("explains what happens to failed deliveries, and how many there were; not with --quiet or --json", async () => {
    const { run, env } = await withWebhook();
    await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"]! });
    for (const [id, status, age] of [
      ["a", 500, 0],
      ["b", 404, 3],
      ["c", 200, 0],
      ["d", 500, 12],
    ] as const) {
      const body = Buffer.from(JSON.stringify({ event: "order.filled", id }));
      const receivedAt = Date.now() - age * 3_600_000;
      const delivery = readDelivery(id, { method: "POST", path: "/", headers: [], body, receivedAt });
      const stored = await store.append(delivery, { verdict: "no-secret" }, "sandbox");
      store.recordAnswer(stored, { status, durationMs: 1 });
    }
    await store.flush();
    const loud = await run([PUBLIC, "--yes"]);
    expect(loud.stderr).toContain("8 h");
    expect(loud.stderr.replace(/\s+/g, " ")).toContain("2 deliveries of sandbox had no 2xx response here");
    expect((await run(["https://b.example", "--yes", "--quiet"])).stderr).not.toContain("8 h");
    const json = await run(["https://c.example", "--yes", "--json"]);
    expect(json.stderr + json.stdout).not.toContain("8 h");
  });

  it("sets the requested name of the webhook, and a rollback restores it", async () => {
    const { promote, call, before } = await withWebhook();
    await promote(PUBLIC, "--yes", "--name", "live");
    expect((await webhooksOf(call))[0]?.name).toBe("live");
    await promote("--rollback", "--yes");
    expect(await webhooksOf(call)).toEqual(before);
  });

  it("does not ignore the name of a header if the scheme has its own", async () => {
    const { promote } = await withWebhook();
    const { error } = await promote(PUBLIC, "--yes", "--signature-header", "x-sig");
    expect(error).toMatchObject({ code: "invalid_usage", hint: expect.stringContaining("--scheme") as string });
  });

  it("accepts no URL with --rollback", async () => {
    const { promote } = await withWebhook();
    expect((await promote(PUBLIC, "--rollback")).error?.code).toBe("invalid_usage");
  });

  it("names what is missing in the selected environment", async () => {
    const { promote } = await withWebhook();
    const hintOf = async (...args: string[]) => (await promote("--env", "production", ...args)).error?.hint;
    expect(await hintOf()).toBe(
      "Add the URL of your endpoint: bluum-hooks promote https://app.example/webhooks/bluum --env production",
    );
    expect(await hintOf(PUBLIC, "--rollback")).toBe("Run: bluum-hooks promote --rollback --env production");
  });
});

describe("promote where production has no webhook yet", () => {
  async function setting() {
    const [sandbox, production] = [await startSandbox(), await startSandbox()];
    const env = { ...production.env };
    const config = await openConfig({ folder: env["BLUUM_HOOKS_HOME"]! });
    const { id } = (await sandbox.call("POST", "/webhooks", {
      name: "my app",
      url: "https://staging.example/hooks",
      eventTypeNames: ["order.filled", "transfer.*"],
    })) as { id: string };
    const asked: string[] = [];
    const overrides = deployed({
      // The stored credentials are sent only to the sandbox's own hosts; here an emulator answers instead.
      createApi: async (options) => {
        asked.push(options.baseUrl);
        const isSandbox = options.baseUrl.startsWith("https://sandbox.");
        return createBluumClient(isSandbox ? { ...options, baseUrl: sandbox.emulator.baseUrl } : options);
      },
    });
    const promote = (...args: string[]) =>
      runInProcess(
        ["promote", "--env", "production", ...args],
        { ...env, BLUUM_BASE_URL: production.emulator.baseUrl },
        overrides,
      );
    const remember = async (credentials = {}) => {
      await config.remember("sandbox", { ...credentials, webhookId: id });
      await config.rememberWebhook("sandbox", id, {
        baseUrl: "https://sandbox.api.bluumfinance.com/v1",
        createdByUs: true,
      });
    };
    return { sandbox, production, promote, remember, config, env, id, asked };
  }
  const KEYS = { apiKey: "emulator_key", apiSecret: "emulator_secret" };

  it("creates it with the name and events of the sandbox's, and shows its secret once", async () => {
    const { production, promote, remember, config, env } = await setting();
    await remember(KEYS);
    const { code, stdout, stderr } = await promote(PUBLIC, "--yes");
    expect(stderr).toContain("in the sandbox");
    expect(code).toBe(0);
    const [webhook] = await webhooksOf(production.call);
    expect(webhook).toEqual({
      id: webhook?.id,
      name: "my app",
      url: PUBLIC,
      eventTypeNames: ["order.filled", "transfer.*"],
      status: "ACTIVE",
      description: "Production webhook",
    });
    const { secret } = config.profile("production").webhooks[webhook!.id]!;
    expect(secret).toMatch(/^whsec_/);
    expect(stdout).toContain(`secret ${secret}`);
    expect(stderr).not.toContain(secret);
    expect(readFileSync(join(env["BLUUM_HOOKS_HOME"]!, "store.db")).includes(secret!)).toBe(false);
    const again = await promote(PUBLIC, "--yes");
    expect(again.stdout + again.stderr).not.toContain(secret);
    expect(again.stdout).toContain("is already promoted");
    expect(await webhooksOf(production.call)).toHaveLength(1);
  });

  it("prints commands that select the same target, with any variables set", async () => {
    const { production, env } = await setting();
    const at = ["--env", "production", "--base-url", production.emulator.baseUrl];
    const { BLUUM_BASE_URL: _here, ...bare } = env;
    const run = (args: string[]) => runInProcess(args, bare, deployed());
    const shape = ["--name", "app", "--events", "order.*", "--scheme", "hex", "--signature-header", "x-sig"];
    const promoted = await run(["promote", PUBLIC, "--yes", ...shape, ...at]);
    const told = ["--scheme", "hex", "--signature-header", "x-sig"];
    expect(commandAfter(promoted.stderr, "signed events:")).toEqual(["check", PUBLIC, "--safe", ...told, ...at]);
    const back = await run([...commandAfter(promoted.stderr, "Undo with:"), "--yes"]);
    expect([back.code, (await webhooksOf(production.call))[0]?.status]).toEqual([0, "INACTIVE"]);
    const never = await run(["promote", "--rollback", "--yes", "--json", ...at]);
    expect(never.error?.hint).toContain(`webhooks update ID --url URL ${at.join(" ")}`);
    const listed = await run(["webhooks", "show", "wh_none", "--json", ...at]);
    expect((await run(commandAfter(listed.error?.hint ?? "", "with:"))).code).toBe(0);
    expect((await run(commandAfter(back.stderr, "permanently with:"))).code).toBe(0);
    expect(await webhooksOf(production.call)).toEqual([]);
    expect((await run(["webhooks", "list", ...at])).stderr).toContain(`register URL ${at.join(" ")}`);
  });

  it("names the webhook in the command that checks it if a variable names another", async () => {
    const { promote, env, config } = await setting();
    env["BLUUM_WEBHOOK_ID"] = "wh_other";
    const wish = ["--new", "--name", "app", "--events", "order.*"];
    const { code, stderr } = await promote(PUBLIC, "--yes", ...wish);
    expect(code).toBe(0);
    expect(commandAfter(stderr, "signed events:").join(" ")).toContain(
      `--webhook ${config.profile("production").webhookId} --env production`,
    );
  });

  it("prints the secret as a field with --json", async () => {
    const { promote, config } = await setting();
    const { stdout } = await promote(PUBLIC, "--yes", "--name", "app", "--events", "order.*", "--json");
    const { webhookId, secret, action } = document(stdout);
    expect(action).toBe("created");
    expect(secret).toBe(config.profile("production").webhooks[String(webhookId)]?.secret);
  });

  it("never sends production's key pair to the sandbox, and names what is missing", async () => {
    const { promote, remember, production, asked } = await setting();
    await remember();
    const { error } = await promote(PUBLIC, "--yes", "--json");
    expect(error?.code).toBe("invalid_usage");
    expect(error?.hint).toContain("--events");
    expect(asked.some((baseUrl) => baseUrl.includes("sandbox"))).toBe(false);
    expect(await webhooksOf(production.call)).toEqual([]);
  });

  it("uses the record if the sandbox cannot be reached", async () => {
    const { promote, remember, production, env, id } = await setting();
    await remember();
    await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"]! });
    const state = {
      name: "recorded",
      url: "https://staging.example",
      events: ["order.*"],
      status: "ACTIVE",
      description: null,
    };
    const { id: change } = await store.changes.plan({
      kind: "session",
      environment: "sandbox",
      baseUrl: "https://sandbox.api.bluumfinance.com/v1",
      webhookId: id,
      before: state,
      after: { ...state, events: ["account.*"] },
      onExit: "restore",
    });
    await store.changes.update(change, { state: "settled", outcome: "restored" });
    expect((await promote(PUBLIC, "--yes")).code).toBe(0);
    expect((await webhooksOf(production.call))[0]).toMatchObject({ name: "recorded", eventTypeNames: ["order.*"] });
  });

  it("does not guess among existing webhooks, and creates another only with --new", async () => {
    const { promote, production } = await setting();
    await production.call("POST", "/webhooks", { name: "x", url: "https://x.example", eventTypeNames: ["*"] });
    const wish = [PUBLIC, "--yes", "--name", "app", "--events", "order.*", "--json"];
    const { error } = await promote(...wish);
    expect(error?.code).toBe("webhook_not_found");
    expect(error?.hint).toContain(`webhooks list --env production --base-url ${production.emulator.baseUrl}`);
    expect((await promote(...wish, "--new")).code).toBe(0);
    expect(await webhooksOf(production.call)).toHaveLength(2);
  });

  it("is deactivated by a rollback, never deleted, and activated by the next promotion", async () => {
    const { promote, production } = await setting();
    await promote(PUBLIC, "--yes", "--name", "app", "--events", "order.*");
    const [created] = await webhooksOf(production.call);
    const back = await promote("--rollback", "--yes");
    expect(back.code).toBe(0);
    expect(back.stderr).toContain("webhooks delete");
    expect(await webhooksOf(production.call)).toEqual([{ ...created, status: "INACTIVE" }]);
    expect((await promote("--rollback", "--yes", "--json")).error?.code).toBe("nothing_to_roll_back");
    expect((await promote(PUBLIC, "--yes")).code).toBe(0);
    expect(await webhooksOf(production.call)).toEqual([created]);
  });
});
