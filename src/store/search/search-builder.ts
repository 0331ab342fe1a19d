import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../database.ts";
import { loadDriver } from "../driver.ts";
import { lastPlace } from "../feed.ts";
import { BLOCK, createSearchFile, dropParts, isDamaged, PART, searchFile, tableOf } from "./search-file.ts";

/** Places that are read at once. */
const STEP = 16 * BLOCK;
/** Larger bodies are not indexed: their block is always searched. */
const MAX_INDEXED_BYTES = 64 * 1024;
/** The rest after a step, as a multiple of its duration: while nothing arrives, and while something does. */
const REST = 1;
const YIELD = 30;
/** How often it checks whether another part is complete. */
const IDLE_MS = 20_000;

export interface SearchBuilderOptions {
  readonly folder: string;
  /** Reads the store. */
  readonly read: <Result>(work: (store: Database) => Result) => Promise<Result>;
  /** Rejects once it must end. */
  readonly rest: (ms: number) => Promise<void>;
}

/** Rests until the signal aborts. It does not keep the process alive. */
export function restUntil(signal: AbortSignal): SearchBuilderOptions["rest"] {
  return (ms) => delay(ms, undefined, { signal, ref: false });
}

/**
 * Keeps the whole parts of the feed indexed, in the background. Resolves once `rest` rejects, or if nothing can be
 * indexed: then everything is searched.
 */
export async function keepSearchIndexed(options: SearchBuilderOptions): Promise<void> {
  const driver = loadDriver();
  let index: Database | undefined;
  try {
    for (let isFirst = true; ; await options.rest(IDLE_MS)) {
      if ((await options.read(wholeParts)).length === 0) continue;
      index ??= createSearchFile(driver, options.folder);
      if (index === undefined) return;
      if (isFirst) dropParts(index, await staleParts(index, options));
      isFirst = false;
      for (const part of await missingParts(index, options)) await indexPart(index, part, options);
    }
  } catch (error) {
    index?.close();
    index = undefined;
    if (isDamaged(driver, error)) removeIndex(options.folder);
  } finally {
    index?.close();
  }
}

/** Parts that will get no more deliveries, the newest first. */
function wholeParts(store: Database): number[] {
  const oldest = Number(store.prepare("SELECT min(seq) AS seq FROM deliveries").get([])?.["seq"] ?? 0);
  const parts: number[] = [];
  for (let part = Math.floor(lastPlace(store) / PART) - 1; (part + 1) * PART > oldest && part >= 0; part -= 1) {
    parts.push(part);
  }
  return parts;
}

async function missingParts(index: Database, { read }: SearchBuilderOptions): Promise<number[]> {
  const known = new Set(
    index
      .prepare("SELECT part FROM parts")
      .all([])
      .map(({ part }) => Number(part)),
  );
  return (await read(wholeParts)).filter((part) => !known.has(part));
}

const IS_INDEXED = "NOT EXISTS (SELECT 1 FROM unverified u WHERE u.seq = deliveries.seq)";

/** Parts from which deliveries were deleted, for example by a version that does not know the index. */
async function staleParts(index: Database, { read }: SearchBuilderOptions): Promise<number[]> {
  const rows = await read((store) =>
    store
      .prepare(`SELECT seq / ${PART} AS part, count(*) AS count FROM deliveries WHERE ${IS_INDEXED} GROUP BY 1`)
      .all([]),
  );
  const counts = new Map(rows.map(({ part, count }) => [Number(part), Number(count)]));
  const known = index.prepare("SELECT part, deliveries FROM parts").all([]);
  return known.flatMap(({ part, deliveries }) =>
    (counts.get(Number(part)) ?? 0) === Number(deliveries) ? [] : [Number(part)],
  );
}

async function indexPart(index: Database, part: number, options: SearchBuilderOptions): Promise<void> {
  const [start, end] = [part * PART, (part + 1) * PART];
  const table = tableOf(part);
  let deliveries = 0;
  const unread: number[] = [];
  index.exec("BEGIN IMMEDIATE");
  try {
    // Without positions and texts: which blocks contain all three-letter parts of a text, in any case.
    index.exec(
      `CREATE VIRTUAL TABLE ${table} USING fts5 (text, tokenize = 'trigram', detail = none, content = '', columnsize = 0)`,
    );
    const insert = index.prepare(`INSERT INTO ${table} (rowid, text) VALUES (?, ?)`);
    let head = await options.read(lastPlace);
    for (let place = start; place < end; place += STEP) {
      const startedAt = performance.now();
      const blocks = await options.read((store) => readBlocks(store, place, place + STEP));
      for (const [block, texts] of blocks) {
        deliveries += texts.length;
        const known = texts.filter((text) => text !== undefined);
        if (known.length < texts.length) unread.push(block);
        insert.run([block, known.join("\n").replaceAll("\0", " ")]);
      }
      const before = head;
      head = await options.read(lastPlace);
      await options.rest((performance.now() - startedAt) * (head === before ? REST : YIELD));
    }
    index.exec(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
    index
      .prepare("INSERT INTO parts (part, deliveries, unread) VALUES (?, ?, ?)")
      .run([part, deliveries, JSON.stringify(unread)]);
    index.exec("COMMIT");
  } catch (error) {
    rollBack(index);
    throw error;
  }
  // Who deleted deliveries meanwhile could not remove them from the index.
  const left = await options.read((store) => countIn(store, start, end));
  if (left !== deliveries) dropParts(index, [part]);
}

/** The payloads of each block; undefined for those that are too large. */
function readBlocks(store: Database, start: number, end: number): Map<number, (string | undefined)[]> {
  const rows = store
    .prepare(
      `SELECT seq / ${BLOCK} AS block, CASE WHEN length(body) <= ${MAX_INDEXED_BYTES} THEN body END AS body
      FROM deliveries WHERE seq >= ? AND seq < ? AND ${IS_INDEXED}`,
    )
    .all([start, end]);
  const blocks = new Map<number, (string | undefined)[]>();
  for (const { block, body } of rows) {
    const texts = blocks.get(Number(block)) ?? [];
    blocks.set(Number(block), texts);
    texts.push(body instanceof Uint8Array ? Buffer.from(body).toString("utf8") : undefined);
  }
  return blocks;
}

function countIn(store: Database, start: number, end: number): number {
  const row = store.prepare(`SELECT count(*) AS count FROM deliveries WHERE seq >= ? AND seq < ? AND ${IS_INDEXED}`);
  return Number(row.get([start, end])?.["count"]);
}

function rollBack(database: Database): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // SQLite has already rolled back, as it does when the disk is full.
  }
}

function removeIndex(folder: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    try {
      rmSync(`${searchFile(folder)}${suffix}`, { force: true });
    } catch {
      // Another process has it open, on Windows.
    }
  }
}
