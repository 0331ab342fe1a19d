// The rows near the visible part of the list, in pages.
import { batch } from "@preact/signals";
import type { DeliveryPage, Row } from "../contract.ts";
import { get, params } from "./api.ts";
import { delay } from "./delay.ts";
import { cursor, query, rowsVersion, snapshot, snapshotNumber, waiting, type Snapshot } from "./state.ts";

const PAGE = 100;
const MAX_PAGES = 8;
/** How often the page asks for the rest of a search. */
const SEARCH_MS = 400;
/** A browser limits the height of an element, so further rows could not be displayed. */
export const MAX_ROWS = 1_048_000;

interface Page {
  readonly rows: (Row | undefined)[];
  /** Whether the whole page was requested from the server. */
  isWhole: boolean;
}

/**
 * Rows by their position from the oldest, which does not change when rows arrive. The last used page is the last one;
 * the first one is dropped.
 */
const pages = new Map<number, Page>();
const pending = new Map<number, Promise<void>>();
/** Responses for an earlier filter or snapshot, or for earlier positions, are ignored. */
let reloads = 0;
let generation = 0;

export function currentSnapshot(): Snapshot | null {
  const state = snapshot.peek();
  return state.kind === "loaded" ? state.value : null;
}

export function rowAt(place: number): Row | undefined {
  return pages.get(Math.floor(place / PAGE))?.rows[place % PAGE];
}

export function newestSeq(): number {
  const state = currentSnapshot();
  return (state === null ? undefined : rowAt(state.total - 1)?.seq) ?? 0;
}

/** Loads the newest rows. The current rows stay until then. */
export async function reload(): Promise<void> {
  generation += 1;
  reloads += 1;
  const asked = reloads;
  const result = await get<DeliveryPage>(`deliveries${params({ q: query.peek(), limit: PAGE })}`);
  if (asked !== reloads) return;
  batch(() => {
    pages.clear();
    pending.clear();
    waiting.value = 0;
    cursor.value = null;
    rowsVersion.value += 1;
    snapshotNumber.value += 1;
    if (result.kind === "failed") {
      snapshot.value = result;
      return;
    }
    const { upTo, total, searched, rows } = result.value;
    snapshot.value = { kind: "loaded", value: { upTo, total, searched } };
    for (const [index, row] of rows.entries()) keep(total - 1 - index, row);
    for (const [number, page] of pages) page.isWhole = number * PAGE >= total - rows.length;
  });
  if (result.kind === "loaded") void finishSearch(result.value, asked);
}

/** Asks for the rest of a search, until everything is searched. Older rows are added at the end of the list. */
async function finishSearch({ upTo, total, searched }: DeliveryPage, asked: number): Promise<void> {
  for (let found = total; searched < 1;) {
    await delay(SEARCH_MS);
    const result = await get<DeliveryPage>(`deliveries${params({ q: query.peek(), upTo, limit: 1 })}`);
    const state = currentSnapshot();
    if (asked !== reloads || state === null || result.kind === "failed") return;
    ({ searched } = result.value);
    grow({ ...state, searched }, result.value.total - found);
    found = result.value.total;
  }
}

/** Positions count from the oldest row, so older rows change all of them. */
function grow(state: Snapshot, added: number): void {
  batch(() => {
    snapshot.value = { kind: "loaded", value: { ...state, total: state.total + added } };
    if (added === 0) return;
    generation += 1;
    const kept = [...pages].flatMap(([number, { rows }]) =>
      rows.map((row, index) => ({ place: number * PAGE + index + added, row })),
    );
    pages.clear();
    pending.clear();
    for (const { place, row } of kept) if (row !== undefined) keep(place, row);
    for (const page of pages.values()) page.isWhole = false;
    if (cursor.peek() !== null) cursor.value = (cursor.peek() ?? 0) + added;
    rowsVersion.value += 1;
  });
}

/** Requests the rows at these positions, and a page beyond both ends: a fast scroll passes it in 80 ms. */
export function want(from: number, to: number): void {
  const state = currentSnapshot();
  if (state === null || state.total === 0) return;
  const last = Math.floor((state.total - 1) / PAGE);
  const first = Math.max(0, Math.floor((from - PAGE) / PAGE));
  const end = Math.min(last, Math.floor((to + PAGE) / PAGE));
  for (let page = end; page >= first; page -= 1) void load(page, state);
}

/** The row at a position, loaded if it has to be; undefined if that fails. */
export async function loadedRow(place: number): Promise<Row | undefined> {
  const state = currentSnapshot();
  if (rowAt(place) === undefined && state !== null) await load(Math.floor(place / PAGE), state);
  return rowAt(place);
}

async function load(number: number, { upTo, total }: Snapshot): Promise<void> {
  const kept = pages.get(number);
  if (kept !== undefined) {
    pages.delete(number);
    pages.set(number, kept);
    if (kept.isWhole) return;
  }
  const loading =
    pending.get(number) ??
    loadPage(number, { upTo, total }).finally(() => {
      if (pending.get(number) === loading) pending.delete(number);
    });
  pending.set(number, loading);
  await loading;
}

async function loadPage(number: number, { upTo, total }: Pick<Snapshot, "upTo" | "total">): Promise<void> {
  const asked = generation;
  const start = number * PAGE;
  const end = Math.min(start + PAGE, total);
  // The oldest row of a neighbour addresses this page directly; an offset requires counting.
  const neighbour = rowAt(end);
  const where = neighbour === undefined ? { offset: total - end } : { before: neighbour.seq };
  const result = await get<DeliveryPage>(
    `deliveries${params({ q: query.peek(), upTo, limit: end - start, ...where })}`,
  );
  if (asked !== generation || result.kind === "failed") return;
  for (const [index, row] of result.value.rows.entries()) keep(end - 1 - index, row);
  const page = pages.get(number);
  if (page !== undefined) page.isWhole = true;
  rowsVersion.value += 1;
}

function keep(place: number, row: Row): void {
  const number = Math.floor(place / PAGE);
  const page = pages.get(number) ?? { rows: [], isWhole: place % PAGE === 0 };
  page.rows[place % PAGE] = row;
  pages.set(number, page);
  for (const oldest of pages.keys()) {
    if (pages.size <= MAX_PAGES) break;
    if (oldest !== number) pages.delete(oldest);
  }
}

/** Adds new rows to the visible list, the newest first. */
export function prepend(rows: readonly Row[]): void {
  const state = currentSnapshot();
  const newest = rows[0];
  if (state === null || newest === undefined) return;
  batch(() => {
    const total = state.total + rows.length;
    for (const [index, row] of rows.toReversed().entries()) keep(state.total + index, row);
    snapshot.value = { kind: "loaded", value: { ...state, upTo: Math.max(state.upTo, newest.seq), total } };
    rowsVersion.value += 1;
  });
}

/** Updates rows that were answered or forwarded; returns those that are not loaded. */
export function update(rows: readonly Row[]): Row[] {
  const unknown = rows.filter((row) => {
    for (const page of pages.values()) {
      const index = page.rows.findIndex((each) => each?.id === row.id);
      if (index === -1) continue;
      page.rows[index] = row;
      return false;
    }
    return true;
  });
  if (unknown.length < rows.length) rowsVersion.value += 1;
  return unknown;
}

export function placeOf(id: string): number | null {
  for (const [number, { rows }] of pages) {
    const index = rows.findIndex((row) => row?.id === id);
    if (index !== -1) return number * PAGE + index;
  }
  return null;
}
