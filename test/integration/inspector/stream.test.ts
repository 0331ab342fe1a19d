import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Row } from "../../../src/inspector/contract.ts";
import { readDelivery } from "../../../src/core/delivery.ts";
import { newId } from "../../../src/platform/ids.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { openStream, startInspect, type EventStream } from "../../support/inspector.ts";
import { answered, APP_URL, seedHome } from "../events/seed.ts";

async function opened() {
  const { env } = await seedHome([]);
  const store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
  const inspector = await startInspect(env);
  return { env, store, inspector, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

function receive(store: Store, event: string) {
  const body = Buffer.from(JSON.stringify({ event, data: { id: newId("ord") } }));
  const request = { method: "POST", path: "/", headers: [], body, receivedAt: Date.now() };
  return store.append(readDelivery(newId("dlv"), request), { verdict: "verified" }, "sandbox");
}

const rowsIn = (events: EventStream["events"]) =>
  events.filter(({ event }) => event === "rows").flatMap(({ data }) => (data["rows"] as Row[]).toReversed());

describe("the stream", () => {
  it("is open before anything happens, and sends new deliveries, then their results", async () => {
    await using place = await opened();
    const stream = await openStream(place.inspector, "");
    const delivery = await receive(place.store, "order.filled");
    await stream.until((events) => rowsIn(events).length === 1);
    expect(rowsIn(stream.events)[0]).toMatchObject({ id: delivery.id, event: "order.filled", answer: null });
    place.store.recordForward({ deliveryId: delivery.id, cause: "live", url: APP_URL, outcome: answered(500) });
    place.store.recordAnswer(delivery, { status: 500, durationMs: 3 });
    await place.store.flush();
    const updated = (events: EventStream["events"]) =>
      events.filter(({ event }) => event === "update").flatMap(({ data }) => data["rows"] as Row[]);
    await stream.until((events) => updated(events).some(({ answer }) => answer !== null));
    expect(updated(stream.events).at(-1)).toMatchObject({ answer: { status: 500 }, forward: { status: 500 } });
  });

  it("sends matching deliveries, also those that match only after they have failed", async () => {
    await using place = await opened();
    const stream = await openStream(place.inspector, "q=status:failed");
    const [good, bad] = [await receive(place.store, "order.filled"), await receive(place.store, "order.filled")];
    place.store.recordAnswer(good, { status: 200, durationMs: 1 });
    place.store.recordAnswer(bad, { status: 500, durationMs: 1 });
    await place.store.flush();
    const shown = (events: EventStream["events"]) =>
      events.flatMap(({ data }) => ((data["rows"] ?? []) as Row[]).map(({ id }) => id));
    await stream.until((events) => shown(events).includes(bad.id));
    expect(shown(stream.events)).not.toContain(good.id);
  });

  it("has the counts once they were requested, and updates them", async () => {
    await using place = await opened();
    const stream = await openStream(place.inspector, "");
    expect((await place.inspector.get("counts")).json()).toMatchObject({ all: 0 });
    const delivery = await receive(place.store, "order.filled");
    place.store.recordAnswer(delivery, { status: 500, durationMs: 1 });
    await place.store.flush();
    await stream.until((events) =>
      events.some(({ event, data }) => event === "counts" && data["all"] === 1 && data["failed"] === 1),
    );
  });

  it("resumes over twenty broken connections without loss or repetition", async () => {
    await using place = await opened();
    const sent: string[] = [];
    const seen: string[] = [];
    let cursor = String((await place.inspector.get("deliveries")).json()["upTo"]);
    for (let round = 0; round < 20; round += 1) {
      sent.push((await receive(place.store, "order.filled")).id, (await receive(place.store, "order.canceled")).id);
      const stream = await openStream(place.inspector, `after=${cursor}`);
      sent.push((await receive(place.store, "order.accepted")).id);
      // Cut at any point.
      await stream.until((events) => rowsIn(events).length >= (round % 3) + 1);
      stream.close();
      seen.push(...rowsIn(stream.events).map(({ id }) => id));
      cursor = stream.events.filter(({ id }) => id !== "").at(-1)?.id ?? cursor;
    }
    const last = await openStream(place.inspector, `after=${cursor}`);
    await last.until((events) => seen.length + rowsIn(events).length >= sent.length);
    expect([...seen, ...rowsIn(last.events).map(({ id }) => id)]).toEqual(sent);
  });

  it("requires a new snapshot if the cursor is unknown, or too much was missed", async () => {
    await using place = await opened();
    const unknown = await openStream(place.inspector, "after=999999");
    await unknown.until((events) => events[0]?.event === "gap");
    const garbage = await openStream(place.inspector, "after=%00%01");
    await garbage.until((events) => events[0]?.event === "gap");
    const requests = Array.from({ length: 3_100 }, () => receive(place.store, "order.filled"));
    await Promise.all(requests);
    const behind = await openStream(place.inspector, "after=0");
    await behind.until((events) => events[0]?.event === "gap");
    expect(behind.events[0]?.data["head"]).toBeGreaterThan(3_000);
  });

  it("counts a whole burst, and shows the newest hundred of a batch", async () => {
    await using place = await opened();
    const stream = await openStream(place.inspector, "");
    await Promise.all(Array.from({ length: 2_000 }, () => receive(place.store, "order.filled")));
    const batches = () => stream.events.filter(({ event }) => event === "rows").map(({ data }) => data);
    const total = () => batches().reduce((sum, { count }) => sum + Number(count), 0);
    await stream.until(() => total() >= 2_000);
    expect(total()).toBe(2_000);
    expect(Math.max(...batches().map(({ rows }) => (rows as Row[]).length))).toBeLessThanOrEqual(100);
  });

  it("ends the oldest of more than four, and says why", async () => {
    await using place = await opened();
    const streams: EventStream[] = [];
    for (let index = 0; index < 5; index += 1) streams.push(await openStream(place.inspector, ""));
    await streams[0]?.ended;
    expect(streams[0]?.events.map(({ event }) => event)).toEqual(["superseded"]);
    await receive(place.store, "order.filled");
    await Promise.all(streams.slice(1).map((stream) => stream.until((events) => rowsIn(events).length === 1)));
  });

  it("refuses an invalid filter before it is open", async () => {
    await using place = await opened();
    await expect(openStream(place.inspector, "q=status:perhaps")).rejects.toThrow("status 400");
  });

  it("of a stalled reader buffers little, and requires a new snapshot when it reads again", async () => {
    await using place = await opened();
    const { port, token } = place.inspector;
    const socket = connect(port, "127.0.0.1");
    const head = [`GET /_inspector/stream HTTP/1.1`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${token}`];
    socket.pause();
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    // One batch of these is more than the system's buffers hold.
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => receive(place.store, `order.${"x".repeat(200_000)}`)));
    }
    let received = "";
    socket.setEncoding("utf8").on("data", (text: string) => (received += text));
    socket.resume();
    await expect.poll(() => received.includes("event: gap")).toBe(true);
    socket.destroy();
  });

  it("ends with the program, at once", async () => {
    await using place = await opened();
    const stream = await openStream(place.inspector, "");
    const startedAt = performance.now();
    await place.inspector.stop();
    await stream.ended;
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
