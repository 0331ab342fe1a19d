// What the right side shows: loaded when the address says so, and again when something happened to it.
import { effect } from "@preact/signals";
import type { Detail, Stats, Timeline } from "../contract.ts";
import { get, params } from "./api.ts";
import {
  detail,
  isReady,
  LOADING,
  openId,
  overview,
  query,
  tab,
  timeline,
  view,
  waiting,
  rowsVersion,
} from "./state.ts";

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
    void rowsVersion.value;
    return aborted(async (signal) => {
      timeline.value = await get<Timeline>(`resources/${encodeURIComponent(id)}`, signal);
    });
  });
  effect(() => {
    if (!isReady.value || (view.value.kind !== "list" && view.value.kind !== "overview")) return undefined;
    void [waiting.value, rowsVersion.value];
    const q = query.value;
    const load = async (signal: AbortSignal) => {
      overview.value = await get<Stats>(`stats${params({ q })}`, signal);
    };
    // Numbers that change several times a second cannot be read.
    return aborted(load, overview.peek().kind === "loaded" ? 1_000 : 0);
  });
}

/** The delivery is read again if it is the one that is shown. */
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
  // `last` and the beginning of an ID lead to a delivery, whose own address is shown from then on.
  if (result.kind === "loaded") view.value = { kind: "delivery", id: result.value.row.id };
}

/** The order or transfer whose life is shown: the address names it, or the delivery that is open. */
function timelineId(): string | null {
  if (view.value.kind === "resource") return view.value.id;
  const shown = detail.value;
  return tab.value === "timeline" && openId.value !== null && shown.kind === "loaded"
    ? shown.value.row.resourceId
    : null;
}

/** Runs a request, which ends when what it is for is no longer wanted. */
function aborted(request: (signal: AbortSignal) => Promise<void>, delayMs = 0): () => void {
  const controller = new AbortController();
  const run = () => {
    request(controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
  };
  const timer = delayMs === 0 ? undefined : setTimeout(run, delayMs);
  if (timer === undefined) run();
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
}
