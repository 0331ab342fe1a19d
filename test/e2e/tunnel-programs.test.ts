import { writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { makeLoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import { startReverseProxy } from "../support/reverse-proxy.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";
import { cloudflaredBox, untilEnded, writeFakeProgram } from "../support/tunnel-program/fake.ts";

const URL_1 = "https://one-two-three.trycloudflare.com";
const OPENS = `err(${JSON.stringify(cloudflaredBox(URL_1))}); err("INF Registered tunnel connection connIndex=0"); hold();`;
const LISTEN = ["listen", "--new", "--port", "0", "--json"];

it("the public URL of a tunnel command is tested and registered, and deliveries arrive through it", async () => {
  const { env, call } = await startSandbox();
  const certificate = makeLoopbackCertificate({ host: "localhost" });
  const caFile = join(tempFolder(), "ca.pem");
  writeFileSync(caFile, certificate.certPem);
  let isListening: (origin: string) => void = () => {};
  const proxy = await startReverseProxy(new Promise<string>((resolve) => (isListening = resolve)), { certificate });
  const publicUrl = `https://localhost:${proxy.port}`;
  const fake = writeFakeProgram("lt", `out("your url is: ${publicUrl}"); hold();`);
  const cli = startCli([...LISTEN, "--tunnel", "command:lt --port {port}", "--until", "order.filled"], {
    ...env,
    ...fake.env,
    NODE_EXTRA_CA_CERTS: caFile,
  });
  const { url } = await cli.record("listening");
  isListening(new URL(String(url)).origin);
  await cli.record("ready");
  expect(fake.starts()).toEqual([["--port", new URL(String(url)).port]]);
  expect(await webhooksOf(call)).toMatchObject([{ url: `${publicUrl}/webhooks/bluum`, status: "ACTIVE" }]);
  const arrives = cli.record("delivery");
  const body = JSON.stringify({ event: "order.filled", timestamp: "2026-11-30T10:00:00Z", data: { id: "ord_1" } });
  await new Promise((resolve, reject) => {
    request(`${publicUrl}/webhooks/bluum`, { method: "POST", ca: certificate.certPem }, resolve)
      .on("error", reject)
      .end(body);
  });
  expect(await arrives).toMatchObject({ event: "order.filled" });
  expect((await cli.ended).code).toBe(0);
  await untilEnded(fake.pid());
  expect(fake.signals()).toEqual(["SIGINT"]);
});

it("the first URL that a command prints is used without a test only with a warning", async () => {
  const { env } = await startSandbox();
  const fake = writeFakeProgram(
    "lt",
    `out("Visit https://docs.example.test"); out("Your URL: https://abc.example.test"); hold();`,
  );
  const args = [...LISTEN, "--tunnel", "command:lt --port {port}", "--no-self-test"];
  const cli = startCli(args, { ...env, ...fake.env });
  await cli.record("ready");
  cli.kill("SIGTERM");
  expect((await cli.ended).records()).toContainEqual(
    expect.objectContaining({ code: "url_untested", message: "https://docs.example.test was not tested" }),
  );
  await untilEnded(fake.pid());
});

it("a tunnel program ends with listen, also if listen is killed", async () => {
  const { env } = await startSandbox();
  const fake = writeFakeProgram("cloudflared", OPENS);
  const cli = startCli([...LISTEN, "--tunnel", "cloudflared", "--no-self-test"], { ...env, ...fake.env });
  expect(await cli.record("ready")).toMatchObject({ publicUrl: `${URL_1}/webhooks/bluum` });
  cli.kill("SIGKILL");
  await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
});

it("the webhook is restored before the tunnel program ends", async () => {
  const { env, call } = await startSandbox();
  const before = await call("POST", "/webhooks", {
    name: "mine",
    url: "http://127.0.0.1:9/mine",
    eventTypeNames: ["order.*"],
  });
  const fake = writeFakeProgram("cloudflared", OPENS);
  const { id } = before as { id: string };
  const args = ["listen", "--port", "0", "--json", "--yes", "--tunnel", "cloudflared", "--no-self-test"];
  const cli = startCli([...args, "--webhook", id], { ...env, ...fake.env });
  await cli.record("ready");
  expect(await webhooksOf(call)).toMatchObject([{ url: `${URL_1}/webhooks/bluum` }]);
  cli.kill("SIGTERM");
  const end = await cli.ended;
  expect(end.code).toBe(143);
  const order = end
    .records()
    .flatMap(({ type, state }) => (type === "restored" ? [type] : state === "closed" ? [state] : []));
  expect(order).toEqual(["restored", "closed"]);
  expect(await webhooksOf(call)).toMatchObject([{ url: "http://127.0.0.1:9/mine" }]);
  await untilEnded(fake.pid());
});

it("a program that is not installed is an error with the next step, and no webhook is changed", async () => {
  const { env, call } = await startSandbox();
  const end = await runCli([...LISTEN, "--tunnel", "tailscale"], { ...env, PATH: tempFolder() });
  expect(end.code).toBe(4);
  expect(end.error()).toMatchObject({
    code: "tunnel_program_missing",
    message: "tailscale is not installed",
    hint: expect.stringContaining("https://tailscale.com/download") as string,
  });
  expect(await webhooksOf(call)).toEqual([]);
});
