// The right pane: loaded when the URL changes, and again when its content has changed.
import { effect } from "@preact/signals";
import type { Detail, Stats, Timeline } from "../contract.ts";
import { get, isInvalid, params } from "./api.ts";
import { changes, detail, isReady, LOADING, openId, overview, query, tab, ticks, timeline, view } from "./state.ts";

/** Numbers that change several times a second cannot be read. */
const REFRESH_MS = 1_000;
/** Of a large store they take long to count, so that counting them every second would slow the receiver down. */
const REFRESH_SHARE = 0.1;
let refreshMs = REFRESH_MS;

export function followView(): void {
  effect(() => {
    const id = openId.value;
    if (!isReady.value || id === null) return undefined;
    if (shownId() !== id) detail.value = LOADING;
    return aborted((signal) => loadDetail(id, signal));
  });
  effect(() => {
    const id = timelineId();
    if (!isReady.value || id === null) return undefined;
    const shown = timeline.peek();
    if (shown.kind !== "loaded" || shown.value.resourceId !== id) timeline.value = LOADING;
    void ticks.value;
    return aborted(async (signal) => {
      timeline.value = await get<Timeline>(`resources/${encodeURIComponent(id)}`, signal);
    });
  });
  effect(() => {
    if (!isReady.value || (view.value.kind !== "list" && view.value.kind !== "overview")) return undefined;
    void ticks.value;
    const q = query.value;
    return aborted(async (signal) => {
      const startedAt = performance.now();
      const result = await get<Stats>(`stats${params({ q })}`, signal);
      refreshMs = Math.max(REFRESH_MS, (performance.now() - startedAt) / REFRESH_SHARE);
      // The list says what is wrong with a filter.
      if (isInvalid(result) && overview.peek().kind === "loaded") return;
      overview.value = result;
    });
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    if (changes.value === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      ticks.value += 1;
    }, refreshMs);
  });
}

/** Reloads the delivery if it is shown. */
export function refreshDetail(id: string): void {
  if (shownId() === id) void loadDetail(openId.peek() ?? id);
}

function shownId(): string | null {
  const shown = detail.peek();
  return shown.kind === "loaded" ? shown.value.row.id : null;
}

async function loadDetail(id: string, signal?: AbortSignal): Promise<void> {
  const result = await get<Detail>(`deliveries/${encodeURIComponent(id)}`, signal);
  if (openId.peek() !== id) return;
  detail.value = result;
  // For `last` or a prefix of an ID, the URL is replaced by that of the delivery.
  if (result.kind === "loaded" && result.value.row.id !== id)
    view.value = { kind: "delivery", id: result.value.row.id };
}

/** The order or transfer whose history is shown: from the URL, or from the open delivery. */
function timelineId(): string | null {
  if (view.value.kind === "resource") return view.value.id;
  const shown = detail.value;
  return tab.value === "timeline" && openId.value !== null && shown.kind === "loaded"
    ? shown.value.row.resourceId
    : null;
}

/** Runs a request, and aborts it when its result is no longer needed. */
function aborted(request: (signal: AbortSignal) => Promise<void>): () => void {
  const controller = new AbortController();
  request(controller.signal).catch((error: unknown) => {
    if (!controller.signal.aborted) throw error;
  });
  return () => controller.abort();
}
