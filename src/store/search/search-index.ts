import type { Database, Driver } from "../database.ts";
import { loadDriver } from "../driver.ts";
import type { Span } from "../rows-query.ts";
import { BLOCK, openSearchFile, PART, tableOf } from "./search-file.ts";

/** Places that are searched at once: other requests are served in between. */
const SCANNED = 10_000;
/** Blocks that are searched at once. */
const BLOCKS = 128;
/** More would not exclude more. */
const MAX_GRAMS = 32;

/** Finds the places that may contain a text, in the index and, where there is none yet, in all of them. */
export class SearchIndex {
  readonly #driver: Driver;
  readonly #folder: string;
  #database: Database | undefined;

  private constructor(driver: Driver, folder: string) {
    this.#driver = driver;
    this.#folder = folder;
  }

  static async open(folder: string): Promise<SearchIndex> {
    return new SearchIndex(loadDriver(), folder);
  }

  /** The spans that contain all deliveries with these texts, and others, the newest first. */
  spans(store: Database, texts: readonly string[], upTo: number): Span[] {
    const match = expressionOf(texts);
    if (match === undefined) return scanned(0, upTo);
    const spans: Span[] = [];
    const found = this.#find(match);
    const unverified = unverifiedBlocks(store);
    let blocks: number[] = [];
    const flush = () => {
      for (let at = 0; at < blocks.length; at += BLOCKS) spans.push(spanOf(blocks.slice(at, at + BLOCKS), upTo));
      blocks = [];
    };
    for (let part = Math.floor(upTo / PART); part >= 0; part -= 1) {
      const matching = found.get(part);
      if (matching === undefined) {
        flush();
        spans.push(...scanned(part * PART - 1, Math.min(upTo, (part + 1) * PART - 1)));
      } else
        blocks.push(...new Set([...matching, ...(unverified.get(part) ?? [])].toSorted((one, other) => other - one)));
    }
    flush();
    return spans;
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  /** The blocks that match, for each part that is indexed. */
  #find(match: string): ReadonlyMap<number, readonly number[]> {
    const found = new Map<number, number[]>();
    try {
      this.#database ??= openSearchFile(this.#driver, this.#folder);
      const database = this.#database;
      if (database === undefined) return found;
      for (const { part, unread } of database.prepare("SELECT part, unread FROM parts").all([])) {
        const table = tableOf(Number(part));
        const rows = database.prepare(`SELECT rowid AS block FROM ${table} WHERE ${table} MATCH ?`).all([match]);
        found.set(Number(part), [
          ...rows.map(({ block }) => Number(block)),
          ...(JSON.parse(String(unread)) as number[]),
        ]);
      }
    } catch {
      // It is damaged, or was deleted meanwhile: everything is searched.
      this.close();
      found.clear();
    }
    return found;
  }
}

/** A full-text expression that every text with these in it matches; undefined if they are too short for the index. */
function expressionOf(texts: readonly string[]): string | undefined {
  const grams = new Set<string>();
  for (const text of texts) {
    const letters = Array.from(text.toWellFormed());
    for (let at = 0; at + 3 <= letters.length && grams.size < MAX_GRAMS; at += 1) {
      const gram = letters.slice(at, at + 3).join("");
      // SQLite's texts end there.
      if (!gram.includes("\0")) grams.add(`"${gram.replaceAll('"', '""')}"`);
    }
  }
  return grams.size === 0 ? undefined : [...grams].join(" AND ");
}

/** Deliveries without a valid signature are often deleted, so they are not indexed. They are few. */
function unverifiedBlocks(store: Database): ReadonlyMap<number, readonly number[]> {
  const blocks = new Map<number, number[]>();
  for (const row of store.prepare(`SELECT DISTINCT seq / ${BLOCK} AS block FROM unverified`).all([])) {
    const block = Number(row["block"]);
    const part = Math.floor((block * BLOCK) / PART);
    blocks.set(part, [...(blocks.get(part) ?? []), block]);
  }
  return blocks;
}

function scanned(after: number, upTo: number): Span[] {
  const spans: Span[] = [];
  for (let end = upTo; end > after; end -= SCANNED) spans.push({ after: Math.max(after, end - SCANNED), upTo: end });
  return spans;
}

/** Blocks in descending order. */
function spanOf(blocks: readonly number[], upTo: number): Span {
  const [first = 0, last = first] = [blocks[0], blocks.at(-1)];
  return { after: last * BLOCK - 1, upTo: Math.min(upTo, (first + 1) * BLOCK - 1), blocks };
}
