import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Database } from "../../../../src/store/database.ts";
import { loadDriver } from "../../../../src/store/driver.ts";
import { storeFile } from "../../../../src/store/file.ts";
import { findSeqs } from "../../../../src/store/rows-query.ts";
import { keepSearchIndexed } from "../../../../src/store/search/search-builder.ts";
import { PART, searchFile } from "../../../../src/store/search/search-file.ts";
import { SearchIndex } from "../../../../src/store/search/search-index.ts";
import { openStore } from "../../../../src/store/store.ts";
import { tempFolder } from "../../../support/temp.ts";

const driver = loadDriver();

interface Put {
  readonly seq: number;
  readonly body: string | Buffer;
  readonly isUnverified?: boolean;
}

/** A store with two whole parts and the beginning of a third, with few deliveries in them. */
async function openFew(puts: readonly Put[]) {
  const folder = tempFolder();
  await (await openStore({ folder }))[Symbol.asyncDispose]();
  const store = driver.open(storeFile(folder));
  const insert = store.prepare(
    "INSERT INTO deliveries VALUES (?, ?, 'sandbox', ?, NULL, NULL, NULL, 'verified', '{}', 'first', 1, NULL, '[]', ?)",
  );
  for (const { seq, body, isUnverified } of puts) {
    insert.run([seq, `dlv_${seq}`, seq, Buffer.from(body)]);
    if (isUnverified === true) store.prepare("INSERT INTO unverified VALUES (?, 1, NULL)").run([seq]);
  }
  store.prepare("UPDATE feed_end SET place = ?").run([2 * PART + 100]);
  return { folder, store };
}

/** Indexes everything that can be indexed now. `onStep` is called after each step. */
async function index(folder: string, store: Database, onStep: () => void = () => {}): Promise<void> {
  await keepSearchIndexed({
    folder,
    read: async (work) => work(store),
    async rest(ms) {
      onStep();
      if (ms > 10_000) throw new Error("it has nothing left to do");
    },
  });
}

/** The parts of the index, and how many deliveries are in each. */
function indexed(folder: string): unknown[] {
  const database = driver.open(searchFile(folder));
  const parts = database.prepare("SELECT part, deliveries FROM parts ORDER BY 1").all([]);
  database.close();
  return parts.map(({ part, deliveries }) => [part, deliveries]);
}

/** The matching places, and how many places were searched for them. */
async function search(folder: string, store: Database, ...contains: string[]) {
  const searched = await SearchIndex.open(folder);
  const spans = searched.spans(store, contains, 2 * PART + 100);
  searched.close();
  const page = { order: "newest", offset: 0, limit: -1, isFew: false } as const;
  return {
    found: spans.flatMap((span) => findSeqs(store, { contains }, span, page)),
    // The third part is never indexed.
    places:
      spans.reduce(
        (sum, { after, upTo, blocks }) => sum + (blocks === undefined ? upTo - after : blocks.length * 64),
        0,
      ) - 101,
  };
}

const [OLD, MIDDLE, LATE, TAIL] = [5, 20_000, PART + 9, 2 * PART + 50];
const PUTS: readonly Put[] = [
  { seq: OLD, body: '{"id":"ord_x9Y8z7","price":"185.25","note":"über 100% \\"safe\\""}' },
  { seq: MIDDLE, body: '{"id":"ord_abcdef","symbol":"AAPL"}' },
  { seq: LATE, body: '{"id":"ord_x9y8z7","symbol":"aapl"}' },
  { seq: TAIL, body: '{"id":"ord_x9y8z7","symbol":"TSLA"}' },
];

describe("the text index", () => {
  it.each([
    ["an ID", ["ord_x9y8z7"], [TAIL, LATE, OLD], 64],
    ["a part of one, in any case", ["9Y8"], [TAIL, LATE, OLD], 128],
    ["an amount", ["185.25"], [OLD], 64],
    ["a symbol", ["AAPL"], [LATE, MIDDLE], 128],
    ["signs", ['100% \\"'], [OLD], 64],
    ["letters that are not ASCII", ["über"], [OLD], 64],
    ["several texts", ["ord_", "AAPL", "x9y8"], [LATE], 64],
    ["a text with one that is too short for it", ["aapl", "x9"], [LATE], 128],
    ["what is not there", ["ord_x9y8z8"], [], 0],
  ])("finds %s, and searches few places", async (_what, contains, found, places) => {
    const { folder, store } = await openFew(PUTS);
    await index(folder, store);
    const result = await search(folder, store, ...contains);
    expect(result.found).toEqual(found);
    expect(result.places).toBeLessThanOrEqual(places + 64);
    store.close();
  });

  it("searches everything without an index, and for a text that is too short", async () => {
    const { folder, store } = await openFew(PUTS);
    expect(await search(folder, store, "x9y8")).toMatchObject({ found: [TAIL, LATE, OLD], places: 2 * PART });
    await index(folder, store);
    expect(await search(folder, store, "9y")).toMatchObject({ found: [TAIL, LATE, OLD], places: 2 * PART - 1 });
    store.close();
  });

  it("finds what it does not contain: large payloads, and those without a valid signature", async () => {
    const { folder, store } = await openFew([
      { seq: 10, body: `needle${"x".repeat(70_000)}` },
      { seq: 200, body: "a needle", isUnverified: true },
      { seq: 300, body: "\0 in front of it" },
      { seq: 301, body: "the needle" },
    ]);
    await index(folder, store);
    expect((await search(folder, store, "needle")).found).toEqual([301, 200, 10]);
    store.close();
  });

  it("contains nothing of deliveries that were pruned, also while it is filled", async () => {
    const { folder, store } = await openFew(PUTS);
    await index(folder, store);
    expect(indexed(folder)).toEqual([
      [0, 2],
      [1, 1],
    ]);
    {
      await using pruned = await openStore({ folder });
      await pruned.prune(10);
    }
    expect(indexed(folder)).toEqual([[1, 1]]);
    expect((await search(folder, store, "abcdef")).found).toEqual([MIDDLE]);
    let steps = 0;
    await index(folder, store, () => {
      steps += 1;
      // When it has been read, and is not yet in the index.
      if (steps === 25) store.exec(`DELETE FROM deliveries WHERE seq = ${MIDDLE}`);
    });
    expect(indexed(folder)).toEqual([[1, 1]]);
    expect((await search(folder, store, "ord_")).found).toEqual([TAIL, LATE]);
    store.close();
  });

  it("drops what a version that does not know it has deleted from", async () => {
    const { folder, store } = await openFew(PUTS);
    await index(folder, store);
    store.exec(`DELETE FROM deliveries WHERE seq = ${LATE}`);
    await index(folder, store);
    expect(indexed(folder)).toEqual([
      [0, 2],
      [1, 0],
    ]);
    store.close();
  });

  it("is made again if it is damaged; until then everything is searched", async () => {
    const { folder, store } = await openFew(PUTS);
    writeFileSync(searchFile(folder), "not a database, but long enough to be read as one".repeat(100));
    expect((await search(folder, store, "x9y8")).found).toEqual([TAIL, LATE, OLD]);
    await index(folder, store);
    expect(existsSync(searchFile(folder))).toBe(false);
    await index(folder, store);
    expect(await search(folder, store, "185.25")).toMatchObject({ found: [OLD] });
    store.close();
  });

  it("of another version is left alone", async () => {
    const { folder, store } = await openFew(PUTS);
    const other = driver.open(join(folder, "search.db"));
    other.exec("PRAGMA user_version = 99");
    other.close();
    await index(folder, store);
    expect((await search(folder, store, "x9y8")).found).toEqual([TAIL, LATE, OLD]);
    store.close();
  });

  it("is not made for a store without a whole part", async () => {
    const { folder, store } = await openFew([]);
    store.exec("UPDATE feed_end SET place = 5");
    await index(folder, store);
    expect(existsSync(searchFile(folder))).toBe(false);
    store.close();
  });
});
