import { request } from "node:http";
import { expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { Gate } from "../support/fault-proxy.ts";
import { collectGarbage } from "../support/garbage.ts";
import { startListener, type Listener } from "../support/listener.ts";
import { tempFolder } from "../support/temp.ts";

const MEGABYTE = 1_000_000;
const DELIVERIES = 40;

/** The memory of buffers that are still referenced. */
function referencedBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** A body of a megabyte; its bytes exist once, however often it is sent. */
function bodyOf(name: string, id: string): Buffer[] {
  const head = Buffer.from(`{"event":"${name}","data":{"id":"${id}","pad":"`);
  return [head, PAD.subarray(head.length + 3), Buffer.from('"}}')];
}
const PAD = Buffer.alloc(MEGABYTE, "x");

function send({ url }: Listener, body: readonly Buffer[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": MEGABYTE };
    const sent = request(url, { method: "POST", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    for (const part of body) sent.write(part);
    sent.end();
  });
}

it.each(["", "--since"])(
  "deliveries that wait for an app that hangs are kept on disk, and reach it whole and in order %s",
  async (flag) => {
    const gate = new Gate();
    const app = await startApp((_request, response) => void gate.pass().then(() => response.end()));
    const since = flag === "" ? [] : [flag, "1h"];
    const listener = await startListener(["--forward-to", String(app.port), ...since], {
      BLUUM_HOOKS_HOME: tempFolder(),
    });
    const names = Array.from({ length: DELIVERIES }, (_, at) => [`order.step_${at}`, `ord_${at % 2}`] as const);
    const before = referencedBytes();
    const answers: Promise<number>[] = [];
    for (const [name, id] of names) {
      answers.push(send(listener, bodyOf(name, id)));
      await listener.record("delivery", ({ event }) => event === name);
    }
    expect(app.requests).toHaveLength(2);
    // Two are being sent, and the app has them too; 8 MB wait in memory; the log keeps up to 6 MB for itself. When
    // waiting bodies were kept, 85 MB were referenced.
    expect((referencedBytes() - before) / MEGABYTE).toBeLessThan(32);
    gate.open();
    expect(await Promise.all(answers)).toEqual(names.map(() => 200));
    for (const resource of ["ord_0", "ord_1"]) {
      const expected = names.filter(([, id]) => id === resource).map((name) => name.join(" "));
      expect(app.requests.map(({ name }) => name).filter((name) => name.endsWith(resource))).toEqual(expected);
    }
    for (const { body, name } of app.requests) {
      const [event = "", id = ""] = name.split(" ");
      expect(body.equals(Buffer.concat(bodyOf(event, id)))).toBe(true);
    }
  },
);
