import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { startCli } from "../support/cli.ts";
import { isSdkInstalled } from "../support/ngrok-server/agent-program.ts";
import { startNgrokServer } from "../support/ngrok-server/server.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { withSlack } from "../support/slack.ts";

const TOKEN = "2secretAuthtokenOfTheUser";

async function setUp() {
  const sandbox = await startSandbox();
  const server = await startNgrokServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const caFile = join(tempFolder(), "ca.pem");
  writeFileSync(caFile, server.caPem);
  const { id } = (await sandbox.call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/hooks",
    eventTypeNames: ["account.*"],
    description: "as it was",
  })) as { id: string };
  const before = await webhooksOf(sandbox.call);
  const env: Record<string, string> = {
    ...sandbox.env,
    NGROK_AUTHTOKEN: TOKEN,
    NGROK_SERVER_ADDR: server.serverAddr,
    NGROK_ROOT_CAS: caFile,
  };
  const listen = (...args: string[]) =>
    startCli(["listen", "--webhook", id, "--port", "0", "--max-body", "16mb", "--json", ...args], env);
  return { ...sandbox, server, env, id, before, listen };
}

describe.skipIf(!isSdkInstalled)(
  "listen through an ngrok tunnel (skipped where the SDK's native package is absent)",
  () => {
    it("receives an order's events through the public URL, and closes and restores everything at the end", async () => {
      const { server, call, before, env, id, listen } = await setUp();
      const cli = listen();
      const { publicUrl, webhookId } = await cli.record("ready");
      expect(webhookId).toBe(id);
      expect((await webhooksOf(call))[0]?.url).toBe(publicUrl);
      expect(String(publicUrl)).toMatch(/\/webhooks\/bluum$/);

      await startCli(["trigger", "order", "--json"], env).ended;
      for (const event of ["order.accepted", "order.filled"]) {
        const { id: deliveryId } = await cli.record("delivery", (record) => record["event"] === event);
        expect(await cli.record("answer", (record) => record["deliveryId"] === deliveryId)).toMatchObject({
          status: 200,
        });
      }

      const body = randomBytes(8 * 1024 * 1024);
      expect((await fetch(String(publicUrl), { method: "POST", body })).status).toBe(200);

      cli.kill("SIGINT");
      const end = await cli.ended;
      expect(end.code).toBe(130);
      expect(end.stderr).toBe("");
      expect(
        end
          .records()
          .filter(({ type }) => type === "tunnel")
          .map(({ state }) => state),
      ).toEqual(["connecting", "connected", "closed"]);
      expect(server.unbinds).toHaveLength(1);
      expect(await webhooksOf(call)).toEqual(before);
      expect(end.stdout).not.toContain(TOKEN);
      await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
      const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
      expect(hash((await store.find("last")).body)).toBe(hash(body));
    });

    it("points the webhook at the new URL when the tunnel reconnects with another one, and restores the first at the end", async () => {
      const { server, call, before, listen } = await setUp();
      const cli = listen();
      const { publicUrl } = await cli.record("ready");
      server.isForgetful = true;
      await server.goAway();
      await cli.record("tunnel", ({ state }) => state === "lost");
      await server.comeBack();
      const { url } = await cli.record("registered", (record) => record["url"] !== publicUrl);
      expect((await webhooksOf(call))[0]?.url).toBe(url);
      expect((await fetch(String(url), { method: "POST", body: "{}" })).status).toBe(200);
      cli.kill("SIGTERM");
      const end = await cli.ended;
      expect(end.code).toBe(143);
      expect(
        end
          .records()
          .filter(({ type }) => type === "restored")
          .map(({ action }) => action),
      ).toEqual(["restored"]);
      expect(await webhooksOf(call)).toEqual(before);
    });

    it.each(["connect", "auth", "bind"])("ends with 4 and a remedy when the service hangs at %s", async (stage) => {
      const { server, call, before, listen } = await setUp();
      if (stage === "connect") server.silence();
      if (stage === "auth") server.onAuth = "hang";
      if (stage === "bind") server.onBind = "hang";
      const startedAt = performance.now();
      const end = await listen().ended;
      expect(performance.now() - startedAt).toBeLessThan(withSlack(20_000));
      expect(end.code).toBe(4);
      expect(end.error()).toMatchObject({ hint: expect.stringContaining("--public-url") as string });
      end.records();
      expect(await webhooksOf(call)).toEqual(before);
    });

    it("names your own session that already has the domain", async () => {
      const { server, listen } = await setUp();
      const first = listen("--domain", "mine.example");
      await first.record("ready");
      server.onBind = { code: "ERR_NGROK_334", text: "The endpoint is already online." };
      const end = await listen("--domain", "mine.example", "--new").ended;
      expect(end.code).toBe(4);
      expect(end.error()).toMatchObject({
        code: "tunnel_endpoint_taken",
        message: expect.stringContaining(`process ${first.child.pid}`) as string,
      });
    });

    it("ends with 3 when the token is refused, and does not print the token that the service echoes", async () => {
      const { server, call, before, listen } = await setUp();
      server.onAuth = { code: "ERR_NGROK_107", text: `The authtoken is invalid. Your authtoken: ${TOKEN}` };
      const end = await listen("--debug").ended;
      expect(end.code).toBe(3);
      expect(end.error()).toMatchObject({ code: "credentials_refused" });
      expect(end.stdout + end.stderr).not.toContain(TOKEN);
      expect(await webhooksOf(call)).toEqual(before);
    });
  },
);

it("listen without a token says which variable to set, and changes nothing", async () => {
  const { env, call } = await startSandbox();
  const end = await startCli(["listen", "--port", "0", "--json"], env).ended;
  expect(end.code).toBe(3);
  expect(end.error()).toMatchObject({
    code: "credentials_missing",
    hint: expect.stringContaining("NGROK_AUTHTOKEN") as string,
  });
  expect(await webhooksOf(call)).toEqual([]);
});
