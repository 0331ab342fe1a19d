// Events from the server, over one connection that is open only while the page is visible: a browser allows six for
// one origin.
import { batch } from "@preact/signals";
import type { DeliveryPage, Row, StreamEventName, StreamEvents } from "../contract.ts";
import { get, isInvalid, params } from "./api.ts";
import { delay } from "./delay.ts";
import { refreshDetail } from "./detail.ts";
import { currentSnapshot, newestSeq, prepend, reload, update } from "./list.ts";
import { readSession } from "./start-session.ts";
import { announced, changes, connection, counts, query, session, waiting } from "./state.ts";
import type { Counts } from "../contract.ts";

/** After this silence the connection is dead: the server sends an event every 15 s. */
const SILENCE_MS = 40_000;
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 10_000];
/** The list is loaded once the stream is open, so that no event is missed, or after this time if the stream is slow. */
const OPEN_MS = 300;
const COUNTS_MS = 500;
/** More rows at once would be hard to follow: they wait behind the button. */
const MAX_CALM_ROWS = 3;

let source: EventSource | null = null;
/** The cursor to resume from; empty before the first event. */
let last = "";
/** The filter of the stream: the last valid one. */
let followed = "";
let failures = 0;
let silence: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let counting: ReturnType<typeof setTimeout> | undefined;
/** Whether the list may move by itself, because its newest row is visible. */
let isTopInView = () => true;

export function watchTop(isInView: () => boolean): void {
  isTopInView = isInView;
}

/** Loads the list for the filter, and follows new events from there. */
export async function follow(): Promise<void> {
  const q = query.peek();
  if (q !== followed) {
    const checked = await get<DeliveryPage>(`deliveries${params({ q, limit: 1 })}`);
    if (q !== query.peek()) return;
    if (isInvalid(checked)) {
      // The list says why. A stream would be refused again and again, so it keeps its filter.
      if (source === null) void open();
      return reload();
    }
    followed = q;
  }
  close();
  last = "";
  const opened = open();
  const isOpen = await Promise.race([opened.then(() => true), delay(OPEN_MS).then(() => false)]);
  void loadCounts();
  await reload();
  if (!isOpen) void opened.then(reload);
}

export function followVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      close();
      if (connection.peek() !== "superseded") connection.value = "paused";
    } else if (connection.peek() === "paused") resume();
  });
}

/** Resumes the stream, because the user asked for it or the page is visible again. */
export function resume(): void {
  failures = 0;
  connection.value = "connecting";
  if (last === "") void follow();
  else void open();
}

async function open(): Promise<void> {
  if (session.peek() === "ended" || document.visibilityState === "hidden") return;
  const opened = new EventSource(`/_inspector/stream${params({ q: followed, after: last })}`);
  source = opened;
  const on = <Name extends StreamEventName>(name: Name, handle: (value: StreamEvents[Name]) => void) =>
    opened.addEventListener(name, (event: MessageEvent<string>) => {
      if (source !== opened) return;
      if (event.lastEventId !== "") last = event.lastEventId;
      heard();
      handle(JSON.parse(event.data) as StreamEvents[Name]);
    });
  on("rows", arrived);
  on("update", changed);
  on("counts", (value) => (counts.value = value));
  on("gap", () => void follow());
  on("tick", () => {});
  on("superseded", () => {
    close();
    connection.value = "superseded";
  });
  opened.addEventListener("error", () => {
    if (source === opened) failed();
  });
  return new Promise((resolve) => {
    opened.addEventListener("open", () => {
      if (source !== opened) return;
      failures = 0;
      connection.value = "live";
      heard();
      resolve();
    });
  });
}

function close(): void {
  source?.close();
  source = null;
  clearTimeout(silence);
  clearTimeout(retry);
}

function heard(): void {
  clearTimeout(silence);
  silence = setTimeout(failed, SILENCE_MS);
}

/** The browser retries by itself only after a broken connection, and reports no other failure. */
function failed(): void {
  close();
  connection.value = "reconnecting";
  const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 0;
  failures += 1;
  retry = setTimeout(() => void reconnect(), wait);
}

/** Tries again later, because the server was not available when the page was opened. */
export function retryLater(): void {
  failed();
}

async function reconnect(): Promise<void> {
  const before = failures;
  if (!(await readSession())) {
    if (session.peek() !== "ended") failed();
    return;
  }
  if (last === "") await follow();
  else await open();
  // Only an open stream resets the delay; until then the next failure waits longer.
  if (connection.peek() !== "live") failures = before;
}

function arrived({ count, rows }: StreamEvents["rows"]): void {
  const state = currentSnapshot();
  if (state === null) return;
  const fresh = rows.filter(({ seq }) => seq > state.upTo);
  const number = count - (rows.length - fresh.length);
  if (number > 0) show(fresh, number);
}

/** If the top of the list is visible, a few new rows are shown at once; otherwise they wait, and nothing moves. */
function show(rows: readonly Row[], count: number): void {
  batch(() => {
    const isCalm = waiting.peek() === 0 && count <= MAX_CALM_ROWS && rows.length === count && isTopInView();
    if (isCalm) prepend(rows);
    else waiting.value += count;
    announced.value += count;
    changes.value += 1;
  });
}

/** A row that is not loaded may be new to a list of failures, because it had not failed when it arrived. */
function changed({ rows, left }: StreamEvents["update"]): void {
  changes.value += 1;
  const unknown = update(rows);
  const byStatus = currentSnapshot() !== null && /\bstatus:/.test(followed);
  const fresh = byStatus ? unknown.filter(({ seq }) => seq > newestSeq()) : [];
  if (fresh.length > 0) show(fresh, fresh.length);
  for (const id of [...rows.map((row) => row.id), ...left]) refreshDetail(id);
}

/** Counts a large store in several steps. */
async function loadCounts(): Promise<void> {
  const result = await get<Counts>("counts");
  if (result.kind === "failed") return;
  counts.value = result.value;
  clearTimeout(counting);
  if (result.value.searched < 1 && source !== null) counting = setTimeout(() => void loadCounts(), COUNTS_MS);
}
