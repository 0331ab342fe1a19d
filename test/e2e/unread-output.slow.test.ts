import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { BIN } from "../support/cli.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { startTerminal, type Terminal } from "../support/terminal.ts";
import { tempFolder } from "../support/temp.ts";

const DELIVERIES = 1_000;
const CONNECTIONS = 10;

/** Delivers this number of events, whose serial numbers begin at `from`; returns the milliseconds of each, in order. */
async function deliver(url: string, count: number, from: number): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const post = (serial: number) =>
    new Promise<number>((resolve, reject) => {
      const body = JSON.stringify({ event: "order.filled", timestamp: "t", data: { id: `ord_${serial}_` } });
      const startedAt = performance.now();
      const headers = { "content-type": "application/json", "content-length": body.length };
      const outgoing = request(url, { method: "POST", agent, headers }, (answer) => {
        answer.resume().on("end", () => {
          if (answer.statusCode === 200) resolve(performance.now() - startedAt);
          else reject(new Error(`answered ${answer.statusCode}`));
        });
      });
      // Without a limit a terminal that stops the program would stop the test.
      outgoing.setTimeout(20_000, () => outgoing.destroy(new Error(`delivery ${serial} was not answered`)));
      outgoing.on("error", reject).end(body);
    });
  const serials = Array.from({ length: count }, (_, at) => from + at).values();
  const took: number[] = [];
  const connections = Array.from({ length: CONNECTIONS }, async () => {
    for (const serial of serials) took.push(await post(serial));
  });
  await Promise.all(connections);
  agent.destroy();
  return took.toSorted((one, other) => one - other);
}

const p99 = (sorted: readonly number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? 0;

async function urlOf(terminal: Terminal): Promise<string> {
  const line = await terminal.line(/listening on http/);
  await terminal.line(/Ready for events/);
  return line.replace(/^.*listening on /, "");
}

const listen = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  startTerminal([process.execPath, BIN, "listen", "--port", "0", ...args], 120, env);

it("deliveries are answered as fast while the terminal is not read, and all are shown when it is read again", async () => {
  const terminal = listen({ BLUUM_HOOKS_HOME: tempFolder() }, "--no-register");
  const url = await urlOf(terminal);
  const areShown = (count: number) =>
    expect.poll(() => new Set(terminal.raw.match(/ord_\d+_/g)).size, { timeout: 60_000, interval: 200 }).toBe(count);
  const read = await deliver(url, DELIVERIES, 0);
  await areShown(DELIVERIES);
  terminal.stall();
  const unread = await deliver(url, 3 * DELIVERIES, DELIVERIES);
  // At most twice as long; the machine may have other work.
  expect(p99(unread)).toBeLessThan(2 * p99(read) + 250);
  terminal.resume();
  await areShown(4 * DELIVERIES);
  terminal.press("q");
  expect(await terminal.ended).toBe(0);
}, 180_000);

it.each(["Ctrl-C", "SIGTERM"])(
  "%s ends a session whose terminal is not read, and the webhook is restored",
  async (how) => {
    const { env, call } = await startSandbox();
    await call("POST", "/webhooks", { name: "w", url: "http://127.0.0.1:9/mine", eventTypeNames: ["*"] });
    const before = await webhooksOf(call);
    const terminal = listen(env, "--tunnel", "none", "--webhook", before[0]?.id ?? "", "--yes");
    const url = await urlOf(terminal);
    await terminal.line(/Press \? for keyboard shortcuts/);
    terminal.stall();
    await deliver(url, DELIVERIES, 0);
    if (how === "Ctrl-C") terminal.press("\x03");
    else terminal.signal("SIGTERM");
    await expect.poll(() => webhooksOf(call), { timeout: 60_000 }).toEqual(before);
    // The program itself ends, although its last output is never read.
    await expect.poll(() => isRunning(terminal.pid), { timeout: 60_000 }).toBe(false);
  },
  120_000,
);

function isRunning(pid: number): boolean {
  try {
    // A process that has ended and was not awaited is a zombie.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

it("a pipe that is not read stops nothing, and every record arrives when it is read", async () => {
  const child = spawn(process.execPath, ["--", BIN, "listen", "--no-register", "--port", "0", "--json"], {
    env: { PATH: process.env["PATH"] ?? "", BLUUM_HOOKS_HOME: tempFolder() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await expect.poll(() => text, { timeout: 60_000 }).toContain('"ready"');
  const url = String(/"localUrl":"([^"]+)"/.exec(text)?.[1]);
  child.stdout.pause();
  await deliver(url, 5 * DELIVERIES, 0);
  child.stdout.resume();
  await expect.poll(() => text.match(/"type":"answer"/g)?.length, { timeout: 60_000 }).toBe(5 * DELIVERIES);
  child.kill("SIGINT");
  await once(child, "close");
  const types = text
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types.filter((type) => type === "delivery")).toHaveLength(5 * DELIVERIES);
  expect(types.at(-1)).toBe("stopped");
}, 180_000);
