import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startCli } from "../support/cli.ts";
import { withSlack } from "../support/slack.ts";
import { tempFolder } from "../support/temp.ts";

const CONNECTIONS = 1_500;
const REAL_DELIVERIES = 30;
/** Of a body with a larger announced length. */
const SENT_BYTES = 100_000;
const MB = 1024;

/** The memory of a process, in KB. Linux only. */
const residentOf = (pid: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

/** One real delivery over its own connection; returns the status. */
function deliver(url: string, serial: number): Promise<number | undefined> {
  const body = JSON.stringify({ event: "order.filled", timestamp: "t", data: { id: `ord_${serial}` } });
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": body.length };
    const outgoing = request(url, { method: "POST", agent: false, headers }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    });
    // Bluum itself would wait longer. Other clients used to block it for as long as their time limit.
    outgoing.setTimeout(withSlack(10_000), () => outgoing.destroy(new Error("no answer within 10 s")));
    outgoing.on("error", reject).end(body);
  });
}

/** Keeps this number of connections with incomplete bodies open; a closed one is opened again. */
function besiege(port: number, path: string): void {
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), Buffer.alloc(SENT_BYTES, 0x20)]);
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = () => {
    if (isOver) return;
    const socket = connect(port, "127.0.0.1", () => void socket.write(bytes));
    sockets.add(socket);
    socket.on("error", () => {}).resume();
    socket.once("close", () => {
      sockets.delete(socket);
      setTimeout(open, 2_000).unref();
    });
  };
  for (let at = 0; at < CONNECTIONS; at += 1) open();
  onTestFinished(() => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  });
}

it.runIf(process.platform === "linux")(
  "1,500 connections with unfinished bodies neither block real senders nor fill the memory",
  { timeout: 120_000 },
  async () => {
    const args = ["listen", "--no-register", "--port", "0", "--json"];
    const cli = startCli(args, { BLUUM_HOOKS_HOME: tempFolder() });
    const url = String((await cli.record("ready"))["localUrl"]);
    expect(await deliver(url, 0)).toBe(200);
    const pid = cli.child.pid ?? 0;
    const atRest = residentOf(pid);
    let most = atRest;
    besiege(Number(new URL(url).port), new URL(url).pathname);
    await cli.record("refused", ({ status }) => status === 408);
    for (let serial = 1; serial <= REAL_DELIVERIES; serial += 1) {
      expect(await deliver(url, serial)).toBe(200);
      most = Math.max(most, residentOf(pid));
    }
    expect(most - atRest).toBeLessThan(150 * MB);
    cli.kill("SIGINT");
    const end = await cli.ended;
    expect(end.records().at(-1)).toMatchObject({ type: "stopped", summary: { received: REAL_DELIVERIES + 1 } });
  },
);
