import { describe, expect, it } from "vitest";
import { readDelivery, type HeaderPair } from "../../../src/core/delivery.ts";

function read(body: string | Buffer, headers: HeaderPair[] = []) {
  return readDelivery("dlv_1", { method: "POST", path: "/", headers, body: Buffer.from(body), receivedAt: 0 });
}

const event = (fields: Record<string, unknown>) => JSON.stringify(fields);
const FILLED = { event: "order.filled", timestamp: "2025-06-15T14:30:15Z", data: { id: "ord_1" } };

describe("reading a delivery", () => {
  it("finds the event, its resource and its time", () => {
    expect(read(event(FILLED))).toMatchObject({
      event: "order.filled",
      resourceId: "ord_1",
      timestamp: "2025-06-15T14:30:15Z",
      payload: { kind: "json", value: FILLED },
    });
  });

  it.each([
    ["empty", "", "the body is empty"],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0x00]), "the body is not UTF-8 text"],
    ["not JSON", "{", "the body is not JSON"],
  ])("gives the reason for a body that is %s", (_name, body, reason) => {
    const { payload, event: name, identity } = read(body);
    expect(payload).toMatchObject({ kind: "not-json", reason: expect.stringContaining(reason) as string });
    expect([name, identity.key]).toEqual([null, null]);
  });

  it.each([
    "null",
    "[]",
    "3",
    '"text"',
    '{"event":{}}',
    '{"data":[]}',
    '{"event":"","data":null}',
    '{"__proto__":{"event":"x"}}',
  ])("reads %s as JSON without an event", (body) => {
    expect(read(body)).toMatchObject({ event: null, resourceId: null, payload: { kind: "json" } });
  });
});

describe("the identity of an event", () => {
  const key = (body: string, headers?: HeaderPair[]) => read(body, headers).identity;

  it("distinguishes two events of one order, although they have the same data.id", () => {
    const accepted = key(event({ ...FILLED, event: "order.accepted" }));
    expect(accepted.source).toBe("bytes");
    expect(accepted.key).not.toBe(key(event(FILLED)).key);
  });

  it("distinguishes two fills of one order in one second by any difference", () => {
    const fill = (quantity: number) =>
      event({ ...FILLED, event: "order.partially_filled", data: { id: "ord_1", filled_quantity: quantity } });
    expect(key(fill(970)).key).not.toBe(key(fill(869)).key);
    expect(key(fill(869)).key).toBe(key(fill(869)).key);
  });

  it("depends on the bytes: another spelling is another event, if there is no id", () => {
    const [one, other] = [event(FILLED), JSON.stringify(FILLED, undefined, 2)];
    expect(key(one).key).not.toBe(key(other).key);
    const id: HeaderPair[] = [["webhook-id", "msg_1"]];
    expect(key(one, id).key).toBe(key(other, id).key);
  });

  it.each<[string, string, HeaderPair[]]>([
    ["id", event({ ...FILLED, id: "evt_1" }), []],
    ["event_id", event({ ...FILLED, event_id: "evt_1" }), []],
    ["the webhook-id header", event({ ...FILLED, timestamp: "another" }), [["Webhook-Id", "evt_1"]]],
  ])("is the event's own id if there is one: %s", (_name, body, headers) => {
    expect(key(body, headers)).toEqual(key(event({ id: "evt_1" })));
  });

  it("of a body cannot equal that of an id, for any body", () => {
    expect(key("8:event-id5:evt_1").key).toBeNull();
    expect(key(JSON.stringify("8:event-id5:evt_1")).key).not.toBe(key(event({ id: "evt_1" })).key);
  });
});
