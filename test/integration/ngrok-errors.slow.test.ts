import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { buildAgent, buildHolder, processesOf, isSdkInstalled } from "../support/ngrok-server/agent-program.ts";
import { tempFolder } from "../support/temp.ts";
import { startBench, TOKEN, type Bench } from "../support/ngrok-server/tunnel-bench.ts";
import { withSlack } from "../support/slack.ts";

const HANG_LIMIT_MS = 20_000;

const silence = ({ server }: Bench): void => server.silence();
const hangAtAuth = ({ server }: Bench): void => void (server.onAuth = "hang");
const hangAtBind = ({ server }: Bench): void => void (server.onBind = "hang");

async function failureOf(bench: Bench): Promise<AppError> {
  const error: unknown = await bench.open().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`not refused with an AppError: ${String(error)}`);
  expect(bench.changes.map(({ state }) => state)).toEqual(["connecting", "closed"]);
  expect(JSON.stringify([error.toJSON(), error.stack])).not.toContain(TOKEN);
  return error;
}

describe.skipIf(!isSdkInstalled)("a tunnel that cannot open (skipped where ngrok's native package is absent)", () => {
  let agentUrl: URL;
  beforeAll(async () => {
    agentUrl = await buildAgent();
  });

  it.each([
    ["ERR_NGROK_105", "credentials_refused", 3],
    ["ERR_NGROK_107", "credentials_refused", 3],
    ["ERR_NGROK_4018", "credentials_refused", 3],
    ["ERR_NGROK_108", "tunnel_refused", 4],
    ["ERR_NGROK_120", "tunnel_refused", 4],
    ["ERR_NGROK_121", "tunnel_refused", 4],
    ["ERR_NGROK_99999", "tunnel_refused", 4],
  ] as const)("gives a remedy for %s from the service's log-in, without the token", async (ngrok, code, exitCode) => {
    const bench = await startBench(agentUrl);
    bench.server.onAuth = { code: ngrok, text: `No.\r\nYour authtoken: ${TOKEN}` };
    const error = await failureOf(bench);
    expect(error).toMatchObject({ code, exitCode, vendorCode: ngrok });
    expect(error.hint).toMatch(/https:|Update/);
    await bench.server.until(() => bench.server.agentCount === 0);
  });

  it.each([
    ["ERR_NGROK_334", "tunnel_endpoint_taken"],
    ["ERR_NGROK_319", "tunnel_domain_refused"],
    ["ERR_NGROK_320", "tunnel_domain_refused"],
  ] as const)(
    "names the domain when the service refuses it with %s, and leaves no session behind",
    async (ngrok, code) => {
      const bench = await startBench(agentUrl, { domain: "fixed.example.test" });
      bench.server.onBind = { code: ngrok, text: "No." };
      const error = await failureOf(bench);
      expect(error).toMatchObject({ code, exitCode: 4, vendorCode: ngrok });
      expect(error.message).toContain("fixed.example.test");
      await bench.server.until(() => bench.server.agentCount === 0);
    },
  );

  it("quotes an unknown refusal, prepared for display", async () => {
    const bench = await startBench(agentUrl);
    bench.server.onAuth = { code: "ERR_NGROK_99999", text: `\u001b[31mThe moon is full.\r\nYour authtoken: ${TOKEN}` };
    const error = await failureOf(bench);
    expect(error.message).toContain("The moon is full.");
    expect(error.message).toContain("[authtoken]");
    expect(error.message).not.toContain("\u001b");
  });

  it("reports an unreachable service", async () => {
    const bench = await startBench(agentUrl);
    await bench.server.goAway();
    const error = await failureOf(bench);
    expect(error).toMatchObject({ code: "tunnel_unavailable", exitCode: 4 });
    expect(error.message).toContain(bench.server.serverAddr);
    expect(error.hint).toContain("--public-url");
  });

  it("recognizes a certificate that is not the service's, and names its issuer", async () => {
    const bench = await startBench(agentUrl, { rootCas: undefined });
    const error = await failureOf(bench);
    expect(error).toMatchObject({ code: "tunnel_intercepted", exitCode: 4 });
    expect(error.message).toContain("issued by ngrok test server");
    expect(error.hint).toContain("NGROK_ROOT_CAS");
  });

  it("can trust what this machine trusts", async () => {
    const error = await failureOf(await startBench(agentUrl, { rootCas: "host" }));
    expect(error.code).toBe("tunnel_intercepted");
  });

  it("reports a port without TLS as an unreachable service", async () => {
    const plain = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    onTestFinished(() => void plain.close());
    const serverAddr = `127.0.0.1:${(plain.address() as AddressInfo).port}`;
    expect((await failureOf(await startBench(agentUrl, { serverAddr }))).code).toBe("tunnel_unavailable");
  });

  it.each([
    ["connecting", silence],
    ["logging in", hangAtAuth],
    ["binding the URL", hangAtBind],
  ] as const)(
    "fails within 20 s when the service falls silent while %s, and leaves no process",
    async (_when, hang) => {
      const bench = await startBench(agentUrl);
      hang(bench);
      const startedAt = performance.now();
      const error = await failureOf(bench);
      expect(performance.now() - startedAt).toBeLessThan(withSlack(HANG_LIMIT_MS));
      expect(error).toMatchObject({ code: "tunnel_unavailable", exitCode: 4 });
      expect(error.hint).toContain("--tunnel none");
      expect(processesOf(agentUrl)).toEqual([]);
    },
  );

  it.each([
    ["open", () => {}],
    ["still connecting to a silent service", silence],
    ["still binding its URL", hangAtBind],
  ] as const)("leaves no agent behind when its program is killed while the tunnel is %s", async (_when, prepare) => {
    const bench = await startBench(agentUrl);
    prepare(bench);
    const holder = await buildHolder();
    const { upstreamUrl, authtoken, serverAddr, rootCas, version } = bench.options;
    const options = { upstreamUrl, authtoken, serverAddr, rootCas, version, agentUrl: agentUrl.href };
    const program = spawn(process.execPath, [fileURLToPath(holder)], {
      env: { TUNNEL_OPTIONS: JSON.stringify(options) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void program.kill("SIGKILL"));
    let stdout = "";
    program.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    await until(() => (bench.server.isSilent ? bench.server.connectionCount > 0 : bench.server.binds.length > 0));
    const [agent, ...more] = processesOf(agentUrl);
    expect(agent?.commandLine).toBeDefined();
    expect(agent?.commandLine).not.toContain(TOKEN);
    expect(more).toEqual([]);
    program.kill("SIGKILL");
    await until(() => processesOf(agentUrl).length === 0);
    for (const line of stdout.split("\n").filter(Boolean)) expect(JSON.parse(line)).toHaveProperty("state");
  });
});

it("names alternatives if the ngrok package is missing, with any other packages", async () => {
  // In this folder the agent's program finds no package.
  const lonely = join(tempFolder(), "ngrok-agent.mjs");
  copyFileSync(await buildAgent(), lonely);
  const error = await failureOf(await startBench(pathToFileURL(lonely)));
  expect(error).toMatchObject({ code: "tunnel_package_missing", exitCode: 4 });
  expect(error.hint).toContain("--public-url");
  expect(error.hint).toContain("--tunnel none");
});

async function until(isFulfilled: () => boolean): Promise<void> {
  while (!isFulfilled()) await systemClock.sleep(50);
}
