import { expect, it } from "vitest";
import { startConnectProxy } from "../support/connect-proxy.ts";
import { runCli } from "../support/cli.ts";
import { startSandbox } from "../support/sandbox.ts";
import { startTlsFront } from "../support/tls-front.ts";

const HOST = "sandbox.api.bluumfinance.com";

it("Bluum's sandbox is used through a company's proxy that intercepts TLS", async () => {
  const { emulator, env } = await startSandbox();
  const { port, caFile } = await startTlsFront(HOST, emulator.port);
  const proxy = await startConnectProxy({ upstreamPort: port, pair: "user:p@ss" });
  const { BLUUM_BASE_URL: _own, ...keys } = env;
  const given = { ...keys, HTTPS_PROXY: `http://user:p%40ss@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: caFile };
  const { code, stdout } = await runCli(["trigger", "order", "--json"], given);
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ type: "triggered", resource: "order" })]);
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${HOST}:443`]));
});
