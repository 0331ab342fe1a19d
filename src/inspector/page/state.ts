// The page's state. Everything on the page is rendered from these signals, and every change goes through them.
import { computed, signal } from "@preact/signals";
import type { ApiError, Counts, Detail, Session, Stats, Timeline } from "../contract.ts";

export type View =
  | { readonly kind: "list" }
  /** A separate view if the page is too narrow to show it next to the list. */
  | { readonly kind: "overview" }
  | { readonly kind: "delivery"; readonly id: string }
  | { readonly kind: "resource"; readonly id: string }
  | { readonly kind: "compare"; readonly one: string; readonly other: string };

export const TABS = ["payload", "headers", "signature", "attempts", "timeline", "raw", "hex"] as const;
export type Tab = (typeof TABS)[number];

export type Connection = "connecting" | "live" | "reconnecting" | "superseded" | "paused";

export type Dialog =
  | { readonly kind: "shortcuts" }
  | { readonly kind: "replay"; readonly id: string }
  | { readonly kind: "edit"; readonly id: string }
  | { readonly kind: "export" }
  | { readonly kind: "trigger" };

/** The state of a request to the server: pending, loaded, or failed with the reason. */
export type Loaded<Value> =
  | { readonly kind: "loading" }
  | { readonly kind: "loaded"; readonly value: Value }
  | { readonly kind: "failed"; readonly error: ApiError };

export const LOADING = { kind: "loading" } as const;

/** Null until the server has accepted the session; `"ended"` if it does not accept it. */
export const session = signal<Session | "ended" | null>(null);
export const connection = signal<Connection>("connecting");

export const view = signal<View>({ kind: "list" });
export const query = signal("");
export const tab = signal<Tab>("payload");
export const dialog = signal<Dialog | null>(null);

/** The list at one moment: `upTo` is the newest row in it. */
export interface Snapshot {
  readonly upTo: number;
  readonly total: number;
  /** The part of the feed that was searched, from the newest; 1: all. */
  readonly searched: number;
}
export const snapshot = signal<Loaded<Snapshot>>(LOADING);
/** Increases with each snapshot: the list starts at its newest row again. */
export const snapshotNumber = signal(0);
/** Increases whenever a loaded row has changed or a new one has arrived. */
export const rowsVersion = signal(0);
/** The row that the keys move, by its position from the oldest, which does not change when rows arrive. */
export const cursor = signal<number | null>(null);
/** How many rows are newer than the snapshot. */
export const waiting = signal(0);
/** How many rows have arrived since the page was opened, for screen readers. */
export const announced = signal(0);
/** Increases with every event of the stream: a delivery, an answer, another attempt. */
export const changes = signal(0);
/** Follows `changes` at most once a second. */
export const ticks = signal(0);
export const counts = signal<Counts | null>(null);

export const detail = signal<Loaded<Detail>>(LOADING);
export const timeline = signal<Loaded<Timeline>>(LOADING);
export const overview = signal<Loaded<Stats>>(LOADING);

/** The delivery to compare the next one with. */
export const marked = signal<string | null>(null);
/** A short message at the edge of the page, such as "Copied". */
export const message = signal("");

export const openId = computed(() => (view.value.kind === "delivery" ? view.value.id : null));
/** The events to suggest for a trigger; null if nothing can be triggered. */
export const triggers = computed(() => {
  const known = session.value;
  return known === null || known === "ended" ? null : known.triggers;
});
export const isReady = computed(() => session.value !== null && session.value !== "ended");
