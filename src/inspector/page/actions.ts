// User actions, for keys and buttons alike.
import { batch } from "@preact/signals";
import type { FailedPlace } from "../contract.ts";
import { get, params, text } from "./api.ts";
import { currentSnapshot, loadedRow, placeOf, rowAt } from "./list.ts";
import { cursor, detail, dialog, marked, message, openId, query, tab, triggers, view, type Tab } from "./state.ts";
import { follow } from "./stream.ts";

/** A later movement ends a search. */
let searches = 0;

export function openDelivery(id: string): void {
  batch(() => {
    view.value = { kind: "delivery", id };
    cursor.value = placeOf(id) ?? cursor.peek();
  });
}

export function openResource(id: string): void {
  view.value = { kind: "resource", id };
}

export function showTab(chosen: Tab): void {
  const isFocused = document.activeElement?.getAttribute("role") === "tab";
  tab.value = chosen;
  if (isFocused) document.querySelector<HTMLElement>(`#tab-${chosen}`)?.focus();
}

export function setQuery(q: string): void {
  if (q === query.peek()) return;
  query.value = q;
}

/** Moves the cursor; an open delivery is replaced by the next one. */
export function moveTo(place: number): void {
  const total = currentSnapshot()?.total ?? 0;
  searches += 1;
  if (total === 0) return;
  const target = Math.max(0, Math.min(total - 1, place));
  batch(() => {
    cursor.value = target;
    const row = rowAt(target);
    if (openId.peek() !== null && row !== undefined) view.value = { kind: "delivery", id: row.id };
  });
}

/** Moves this many rows towards older ones, which is down. */
export function move(rows: number): void {
  moveTo((current() ?? currentSnapshot()?.total ?? 0) - rows);
}

/** The row that the keys move from. */
function current(): number | null {
  const open = openId.peek();
  return cursor.peek() ?? (open === null ? null : placeOf(open));
}

/** Moves to the nearest failed delivery, wherever it is in the list. */
export async function moveToFailed(side: "older" | "newer"): Promise<void> {
  searches += 1;
  const asked = searches;
  const upTo = currentSnapshot()?.upTo ?? 0;
  const place = current();
  const seq = (place === null ? undefined : rowAt(place)?.seq) ?? upTo + 1;
  const found = await get<FailedPlace>(`failed${params({ q: query.peek(), upTo, seq, side })}`);
  if (asked !== searches || found.kind === "failed") return;
  if (found.value.place === null) {
    message.value = `No ${side} delivery failed${found.value.searched < 1 ? ", as far as searched" : ""}`;
    return;
  }
  await loadedRow(found.value.place);
  if (asked === searches) moveTo(found.value.place);
}

export function openCursor(): void {
  const row = cursor.peek() === null ? undefined : rowAt(cursor.peek() ?? 0);
  if (row !== undefined) openDelivery(row.id);
}

export function toNewest(): void {
  void follow();
}

export function closeOne(): void {
  if (view.peek().kind !== "list") view.value = { kind: "list" };
  else if (query.peek() !== "") setQuery("");
}

/** The delivery that an action applies to: the open one, or the one under the cursor. */
export function subject(): string | null {
  const shown = detail.peek();
  if (openId.peek() !== null) return shown.kind === "loaded" ? shown.value.row.id : openId.peek();
  const place = cursor.peek();
  return place === null ? null : (rowAt(place)?.id ?? null);
}

export function openDialog(kind: "replay" | "edit"): void {
  const id = subject();
  if (id === null) message.value = "Select a delivery first";
  else dialog.value = { kind, id };
}

export function openTrigger(): void {
  if (triggers.peek() === null) message.value = "Nothing can be triggered here";
  else dialog.value = { kind: "trigger" };
}

/** The first call marks a delivery, the second one compares another with it. */
export function compare(): void {
  const id = subject();
  const first = marked.peek();
  if (id === null) return;
  if (first === null || first === id) {
    marked.value = first === id ? null : id;
    message.value = first === id ? "No longer marked" : "Marked. Open another delivery and press c to compare";
    return;
  }
  batch(() => {
    marked.value = null;
    message.value = "";
    view.value = { kind: "compare", one: first, other: id };
  });
}

export async function copyId(): Promise<void> {
  const id = subject();
  if (id !== null) await copy(id, "ID copied");
}

export async function copyCurl(): Promise<void> {
  const id = subject();
  if (id === null) return;
  const script = await text(`export?${new URLSearchParams({ format: "curl", id }).toString()}`);
  if (script.kind === "loaded") await copy(script.value, copiedWords(script.value));
  else message.value = script.error.message;
}

function copiedWords(script: string): string {
  const what = script.startsWith("curl") ? "curl command copied" : "Script with curl copied";
  return /(signature: |--data-raw .*)\[redacted/.test(script)
    ? `${what}, redacted: an app refuses its signature`
    : what;
}

export async function copy(what: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(what);
    message.value = done;
  } catch {
    message.value = "The browser does not allow copying";
  }
}
