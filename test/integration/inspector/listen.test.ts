import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Row, Session as InspectorSession } from "../../../src/inspector/contract.ts";
import { Interrupted } from "../../../src/core/errors.ts";
import { startApp } from "../../support/app.ts";
import { runInProcess } from "../../support/in-process.ts";
import { inspected, openStream, startInspect } from "../../support/inspector.ts";
import { startSandbox } from "../../support/sandbox.ts";
import { startSession } from "../../support/session.ts";
import { tempFolder } from "../../support/temp.ts";

describe("listen", () => {
  it("starts the inspector with it, and prints its URL in the ready record and file", async () => {
    const { env } = await startSandbox();
    const app = await startApp();
    const readyFile = join(tempFolder(), "ready.json");
    const args = ["--env", "emulator", "--inspect-port", "0", "--ready-file", readyFile, "--forward-to", app.url];
    const session = await startSession(args, env);
    const { inspectorUrl, webhookId, publicUrl, localUrl, forwardUrl } = await session.record("ready");
    expect(inspectorUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}$/);
    await expect.poll(() => readFileSync(readyFile, "utf8")).toContain(String(inspectorUrl));
    const { get } = inspected(String(inspectorUrl));
    expect((await get("session")).json() as unknown as InspectorSession).toEqual({
      version: "0.0.0-test",
      environment: "emulator",
      isListening: true,
      webhookId,
      publicUrl,
      localUrl,
      forwardUrl,
      canSign: true,
      triggers: expect.arrayContaining(["order.filled", "transfer.deposit.completed"]),
    });
  });

  it("shows new deliveries, and prints replays from the page", async () => {
    const { env } = await startSandbox();
    const app = await startApp();
    const args = ["--env", "emulator", "--inspect-port", "0", "--forward-to", `${app.url}/hooks`];
    const session = await startSession(args, env);
    const inspector = inspected(String((await session.record("ready"))["inspectorUrl"]));
    const stream = await openStream(inspector, "");
    const placed = (await inspector.post("trigger", { what: "order", symbol: "MSFT" })).json();
    const filled = await session.record("delivery", ({ event }) => event === "order.filled");
    expect(filled["resourceId"]).toBe(placed["resourceId"]);
    await stream.until((events) => JSON.stringify(events).includes(String(filled["id"])));
    const sent = (await inspector.post("trigger", { what: "event", event: "kyc.approved" })).json();
    expect(sent["status"]).toBe("200");
    const approved = await session.record("delivery", ({ event }) => event === "kyc.approved");
    expect(approved["signature"]).toMatchObject({ verdict: "verified" });
    const before = app.requests.length;
    await inspector.post(`deliveries/${String(filled["id"])}/replay`, {});
    expect(app.requests).toHaveLength(before + 1);
    const replayed = await session.record("forward", ({ cause }) => cause === "replay");
    expect(replayed).toMatchObject({ deliveryId: filled["id"], status: 200 });
  });

  it.each(["event", "event_type"] as const)("sends events in the form of its emulator: %s", async (payload) => {
    const { env } = await startSandbox({ payload });
    const session = await startSession(["--env", "emulator", "--inspect-port", "0"], env);
    const inspector = inspected(String((await session.record("ready"))["inspectorUrl"]));
    expect((await inspector.post("trigger", { what: "event", event: "order.filled" })).status).toBe(200);
    const { id } = await session.record("delivery");
    const { text } = await inspector.get(`deliveries/${String(id)}/body`);
    expect(Object.keys(JSON.parse(text) as object)[0]).toBe(payload);
  });

  it("ends without a delay while a page is open", async () => {
    const session = await startSession(["--no-register", "--inspect-port", "0"], { BLUUM_HOOKS_HOME: tempFolder() });
    const stream = await openStream(inspected(String((await session.record("ready"))["inspectorUrl"])), "");
    const startedAt = performance.now();
    expect((await session.stop()).code).toBe(130);
    await stream.ended;
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it("starts none with --no-inspect", async () => {
    const session = await startSession(["--no-register", "--no-inspect"], { BLUUM_HOOKS_HOME: tempFolder() });
    expect(await session.record("ready")).not.toHaveProperty("inspectorUrl");
  });

  it("prints the token on a terminal only", async () => {
    for (const isTTY of [true, false]) {
      const interrupt = new AbortController();
      let stderr = "";
      await runInProcess(
        ["listen", "--no-register", "--port", "0", "--inspect-port", "0"],
        { BLUUM_HOOKS_HOME: tempFolder() },
        {
          signal: interrupt.signal,
          stderr: {
            isTTY,
            columns: 100,
            write(text) {
              stderr += text;
              if (stderr.includes("Press Ctrl-C")) interrupt.abort(new Interrupted("SIGINT", 130));
            },
          },
        },
      );
      expect(stderr).toMatch(
        isTTY ? /inspector +\S*http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}/ : /http:\/\/127\.0\.0\.1:\d+\/\s/,
      );
      expect(stderr.includes("/#")).toBe(isTTY);
    }
  });

  it("fails if the requested port is in use, before it changes a webhook", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const { env, call } = await startSandbox();
    const args = ["listen", "--env", "emulator", "--port", "0", "--inspect-port", String(port), "--json"];
    const { error } = await runInProcess(args, env);
    expect(error).toMatchObject({ code: "port_in_use", hint: expect.stringContaining("--inspect-port") as string });
    expect(await call("GET", "/webhooks")).toMatchObject({ data: [] });
  });
});

describe("no secret", () => {
  it("is in any response, although payloads and headers contain them", async () => {
    const { env } = await startSandbox();
    const secret = "whsec_c2VjcmV0IG9mIGEgdGVzdCBvZiB0aGUgcGFnZQ==";
    const known = { ...env, BLUUM_WEBHOOK_SECRET: secret };
    const app = await startApp((_request, response) => {
      response.setHeader("set-cookie", "sid=cookie-of-the-app");
      response.statusCode = 500;
      response.end(`failed with ${secret} and ${env["BLUUM_API_SECRET"]}`);
    });
    const args = ["--env", "emulator", "--inspect-port", "0", "--forward-to", app.url, "--ack", "now"];
    const session = await startSession(args, known);
    const { inspectorUrl, localUrl } = await session.record("ready");
    const inspector = inspected(String(inspectorUrl));
    const stream = await openStream(inspector, "");
    const body = JSON.stringify({
      event: `leak.${secret}`,
      data: { id: "ord_1", note: secret, escaped: `\\u0077${secret.slice(1)}` },
    });
    await fetch(`${String(localUrl)}?token=query-of-a-test`, {
      method: "POST",
      headers: { authorization: "Bearer header-of-a-test", "content-type": "application/json" },
      body,
    });
    await session.record("forward");
    // An attempt that ends soon comes with its delivery, a later one as an update of it.
    await stream.until((events) =>
      events.some(({ data }) => ((data["rows"] ?? []) as Row[]).some(({ forward }) => forward !== null)),
    );
    const paths = [
      "session",
      "deliveries",
      "deliveries?q=leak",
      "deliveries/last",
      "deliveries/last/body",
      "deliveries/last/attempts/1/body",
      "resources/ord_1",
      "stats",
      "counts",
      "export?format=ndjson&redact=0",
      "export?format=har&redact=0",
      "export?format=curl&redact=0",
      "deliveries?q=env:mars",
    ];
    const texts = await Promise.all(paths.map(async (path) => (await inspector.get(path)).text));
    texts.push(JSON.stringify(stream.events));
    texts.push((await inspector.post("deliveries/last/replay", {})).text);
    texts.push((await inspector.post("deliveries/last/preview", { bodyBase64: "e30=" })).text);
    const hidden = [
      secret,
      secret.slice(6),
      "query-of-a-test",
      "header-of-a-test",
      "cookie-of-the-app",
      inspector.token,
    ];
    const found = texts.map((text, index) => [
      paths[index],
      text.length > 10,
      hidden.filter((each) => text.includes(each)),
    ]);
    expect(found).toEqual(texts.map((_text, index) => [paths[index], true, []]));
  });
});

describe("inspect --open", () => {
  it("opens the page with a token that works once", async () => {
    const opened: string[] = [];
    const openUrl = async (url: string) => opened.push(url) > 0;
    const inspector = await startInspect({ BLUUM_HOOKS_HOME: tempFolder() }, { openUrl }, ["--open"]);
    await expect.poll(() => opened).toHaveLength(1);
    const { origin, hash } = new URL(opened[0] ?? "");
    expect([origin, hash === `#${inspector.token}`]).toEqual([`http://127.0.0.1:${inspector.port}`, false]);
    const signIn = () =>
      inspector.ask("/_inspector/session", {
        method: "POST",
        headers: { "sec-fetch-site": "same-origin", "content-type": "application/json", origin },
        body: JSON.stringify({ token: hash.slice(1) }),
      });
    expect((await signIn()).status).toBe(204);
    expect((await signIn()).status).toBe(401);
  });

  it("prints the URL where no browser can be opened", async () => {
    let stderr = "";
    const interrupt = new AbortController();
    const ended = runInProcess(
      ["inspect", "--port", "0", "--open"],
      { BLUUM_HOOKS_HOME: tempFolder() },
      {
        openUrl: async () => false,
        signal: interrupt.signal,
        stderr: {
          isTTY: false,
          columns: 80,
          write(text) {
            stderr += text;
            if (stderr.includes("Ctrl-C")) interrupt.abort(new Interrupted("SIGINT", 130));
          },
        },
      },
    );
    expect((await ended).code).toBe(130);
    expect(stderr).toMatch(/Cannot open a browser\. Open this URL: http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}/);
  });
});
