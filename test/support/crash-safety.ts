import { Agent, request } from "node:http";
import { expect, it } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { startCli } from "./cli.ts";
import { tempFolder } from "./temp.ts";

const CONNECTIONS = 8;

/** Sends numbered events until the listener dies; returns the numbers that were answered 2xx. */
async function load(url: string, first: number, enough: number, onEnough: () => void): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const accepted: number[] = [];
  let next = first;
  const post = (serial: number) =>
    new Promise<boolean>((resolve) => {
      const body = JSON.stringify({
        event: "order.filled",
        timestamp: "t",
        data: { id: `ord_${serial}`, pad: "x".repeat(900) },
      });
      const outgoing = request(url, { method: "POST", agent, headers: { "content-length": body.length } }, (answer) => {
        answer.resume();
        if (answer.statusCode === 200) accepted.push(serial);
        if (accepted.length === enough) onEnough();
        answer.on("end", () => resolve(true));
        answer.on("error", () => resolve(false));
      });
      outgoing.on("error", () => resolve(false));
      outgoing.end(body);
    });
  const connection = async () => {
    while (await post(next++)) {
      // until the listener has exited
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return accepted;
}

/** After this number of kills under load, every delivery that was answered 2xx is in the store exactly once. */
export function crashSafety(kills: number): void {
  it(`after ${kills} × kill -9 under load, every delivery answered 2xx is in the store, none twice`, async () => {
    const home = tempFolder();
    const accepted: number[] = [];
    for (let kill = 0; kill < kills; kill += 1) {
      const cli = startCli(["listen", "--no-register", "--port", "0", "--json"], { BLUUM_HOOKS_HOME: home });
      const { localUrl } = await cli.record("ready");
      // Killed after a different number of deliveries each time, so that every phase of a commit is covered.
      accepted.push(...(await load(String(localUrl), kill * 100_000, 20 + kill * 3, () => cli.kill("SIGKILL"))));
      await cli.ended;
    }
    await using store = await openStore({ folder: home });
    const stored = await store.list({ limit: 1_000_000 });
    const resources = stored.map(({ resourceId }) => resourceId);
    expect(accepted.length).toBeGreaterThanOrEqual(kills * 20);
    expect(new Set(resources).size).toBe(resources.length);
    const missing = accepted.filter((serial) => !resources.includes(`ord_${serial}`));
    expect(missing).toEqual([]);
  });
}
