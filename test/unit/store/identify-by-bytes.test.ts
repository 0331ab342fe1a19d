import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDelivery } from "../../../src/core/delivery.ts";
import { loadDriver } from "../../../src/store/driver.ts";
import { encodeRecords } from "../../../src/store/log/record.ts";
import { migrate, MIGRATIONS } from "../../../src/store/migrations.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { delivery as logged } from "./log/support.ts";
import type { Database } from "../../../src/store/database.ts";

/** The number of migrations when events were identified by name, resource and time. */
const BEFORE = MIGRATIONS.findIndex((migration) => typeof migration !== "string");
const AT = 1_795_000_000_000;

interface Old {
  readonly id: string;
  readonly body: string;
  readonly key: string;
  readonly kind?: "first" | "retry" | "duplicate";
  readonly attempt?: number;
  readonly duplicateOf?: string;
  /** The status of its answer, a millisecond after receipt. */
  readonly status?: number;
  readonly isForwarded?: boolean;
}

const fill = (quantity: number) =>
  JSON.stringify({
    event: "order.partially_filled",
    timestamp: "2025-06-15T14:30:15Z",
    data: { id: "ord_1", filled_quantity: quantity },
  });
const keyOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** A file as the previous version left it, with a delivery each second. */
async function oldStore(
  deliveries: readonly Old[],
  identities: readonly (readonly [
    key: string,
    firstId: string,
    attempts: number,
    acknowledged: number,
    forwarded: number,
  ])[],
) {
  const folder = tempFolder();
  const file = join(folder, "store.db");
  const database: Database = loadDriver().open(file);
  migrate(database, file, MIGRATIONS.slice(0, BEFORE));
  const insert = database.prepare(`INSERT INTO deliveries (
    seq, id, environment, received_at, event, resource_id, identity, verdict, verification, recurrence, attempt,
    duplicate_of, head, body
  ) VALUES (?, ?, 'sandbox', ?, NULL, NULL, ?, 'unsigned', '{"verdict":"unsigned"}', ?, ?, ?, '["POST","/",[]]', ?)`);
  for (const [index, each] of deliveries.entries()) {
    const { id, body, key, kind = "first", attempt = 1, duplicateOf = null, status, isForwarded } = each;
    insert.run([index + 1, id, AT + index * 1_000, key, kind, attempt, duplicateOf, Buffer.from(body)]);
    if (status !== undefined) database.prepare("INSERT INTO answers VALUES (?, ?, 1)").run([index + 1, status]);
    if (isForwarded !== true) continue;
    database
      .prepare(
        `INSERT INTO forwards (delivery_seq, cause, url, started_at, duration_ms, status, headers, body, body_bytes)
        VALUES (?, 'live', 'http://localhost/', 1, 1, 200, '[]', x'', 0)`,
      )
      .run([index + 1]);
  }
  for (const [key, firstId, attempts, acknowledged, forwarded] of identities) {
    database
      .prepare("INSERT INTO identities VALUES ('sandbox', ?, ?, ?, ?, ?, ?)")
      .run([key, firstId, attempts, acknowledged, AT, forwarded]);
  }
  database.close();
  return folder;
}

async function recurrences(folder: string) {
  await using store = await openStore({ folder });
  const all = await store.list({ order: "oldest" });
  const failed = await store.list({ order: "oldest", isForwarded: false });
  return {
    all: all.map(({ id, recurrence }) => [id, recurrence]),
    notForwarded: failed.map(({ id }) => id),
  };
}

describe("a store in which two fills of one second were one event", () => {
  it("has two events, each with its own retries and duplicates", async () => {
    const folder = await oldStore(
      [
        { id: "dlv_1", body: fill(869), key: "old", status: 200, isForwarded: true },
        { id: "dlv_2", body: fill(970), key: "old", kind: "duplicate", attempt: 2, duplicateOf: "dlv_1", status: 500 },
        { id: "dlv_3", body: fill(869), key: "old", kind: "duplicate", attempt: 3, duplicateOf: "dlv_1", status: 200 },
        { id: "dlv_4", body: fill(970), key: "old", kind: "duplicate", attempt: 4, duplicateOf: "dlv_1", status: 200 },
        { id: "dlv_5", body: fill(970), key: "old", kind: "duplicate", attempt: 5, duplicateOf: "dlv_1" },
      ],
      [["old", "dlv_1", 5, 1, 1]],
    );
    expect(await recurrences(folder)).toEqual({
      all: [
        ["dlv_1", { kind: "first", attempt: 1 }],
        ["dlv_2", { kind: "first", attempt: 1 }],
        ["dlv_3", { kind: "duplicate", attempt: 2, duplicateOf: "dlv_1" }],
        ["dlv_4", { kind: "retry", attempt: 2, duplicateOf: "dlv_2" }],
        ["dlv_5", { kind: "duplicate", attempt: 3, duplicateOf: "dlv_2" }],
      ],
      notForwarded: ["dlv_2", "dlv_4", "dlv_5"],
    });
  });

  it("continues to count later deliveries by their bytes", async () => {
    const folder = await oldStore(
      [
        { id: "dlv_1", body: fill(869), key: "old", status: 200 },
        { id: "dlv_2", body: fill(970), key: "old", kind: "duplicate", attempt: 2, duplicateOf: "dlv_1" },
        { id: "dlv_3", body: fill(1), key: "once", status: 200 },
      ],
      [
        ["old", "dlv_1", 2, 0, 0],
        ["once", "dlv_3", 1, 0, 0],
      ],
    );
    await using store = await openStore({ folder });
    const append = async (body: string) => {
      const request = { method: "POST", path: "/", headers: [], body: Buffer.from(body), receivedAt: AT + 60_000 };
      return (await store.append(readDelivery(`dlv_${keyOf(body)}`, request), { verdict: "unsigned" }, "sandbox"))
        .recurrence;
    };
    expect(await append(fill(869))).toEqual({ kind: "duplicate", attempt: 2, duplicateOf: "dlv_1" });
    expect(await append(fill(970))).toEqual({ kind: "retry", attempt: 2, duplicateOf: "dlv_2" });
    expect(await append(fill(1))).toEqual({ kind: "duplicate", attempt: 2, duplicateOf: "dlv_3" });
    expect(await append(fill(2))).toEqual({ kind: "first", attempt: 1 });
  });

  it("keeps the count of an event whose first deliveries are deleted, and whether the app has accepted it", async () => {
    const folder = await oldStore(
      [
        { id: "dlv_4", body: fill(869), key: "old", kind: "duplicate", attempt: 4, duplicateOf: "dlv_1" },
        { id: "dlv_5", body: fill(970), key: "old", kind: "duplicate", attempt: 5, duplicateOf: "dlv_1" },
        { id: "dlv_6", body: fill(869), key: "old", kind: "duplicate", attempt: 6, duplicateOf: "dlv_1" },
      ],
      [["old", "dlv_1", 6, 1, 1]],
    );
    expect(await recurrences(folder)).toEqual({
      all: [
        ["dlv_4", { kind: "duplicate", attempt: 4, duplicateOf: "dlv_1" }],
        ["dlv_5", { kind: "first", attempt: 1 }],
        ["dlv_6", { kind: "duplicate", attempt: 5, duplicateOf: "dlv_1" }],
      ],
      notForwarded: ["dlv_5"],
    });
  });

  it("leaves unchanged what had an id, what repeats byte for byte, and what cannot be read", async () => {
    const withId = JSON.stringify({ id: "evt_1", event: "order.filled" });
    const idKey = readDelivery("", { method: "POST", path: "/", headers: [], body: Buffer.from(withId), receivedAt: 0 })
      .identity.key as string;
    const folder = await oldStore(
      [
        { id: "dlv_1", body: withId, key: idKey, status: 200 },
        { id: "dlv_2", body: withId, key: idKey, kind: "duplicate", attempt: 2, duplicateOf: "dlv_1" },
        { id: "dlv_3", body: fill(869), key: "old", status: 500 },
        { id: "dlv_4", body: fill(869), key: "old", kind: "retry", attempt: 2, duplicateOf: "dlv_3" },
      ],
      [
        [idKey, "dlv_1", 2, 1, 0],
        ["old", "dlv_3", 2, 0, 0],
      ],
    );
    expect((await recurrences(folder)).all).toEqual([
      ["dlv_1", { kind: "first", attempt: 1 }],
      ["dlv_2", { kind: "duplicate", attempt: 2, duplicateOf: "dlv_1" }],
      ["dlv_3", { kind: "first", attempt: 1 }],
      ["dlv_4", { kind: "retry", attempt: 2, duplicateOf: "dlv_3" }],
    ]);
  });
});

it("deliveries in the log of an early version are identified by their bytes as well", async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, "log"));
  const records = [869, 970, 869].map((quantity, index) => ({
    type: "delivery" as const,
    delivery: { ...logged(`dlv_${index}`), identityKey: "old", body: Buffer.from(fill(quantity)) },
  }));
  writeFileSync(join(folder, "log", "0_early.1"), encodeRecords(records, Buffer.alloc(0)));
  expect((await recurrences(folder)).all).toEqual([
    ["dlv_0", { kind: "first", attempt: 1 }],
    ["dlv_1", { kind: "first", attempt: 1 }],
    ["dlv_2", { kind: "retry", attempt: 2, duplicateOf: "dlv_0" }],
  ]);
});
