// What the page knows. Everything that is shown is read from these signals, and every change goes through them.
import { computed, signal } from "@preact/signals";
import type { ApiError, Counts, Detail, Session, Stats, Timeline } from "../contract.ts";

export type View =
  | { readonly kind: "list" }
  /** The list's companion, where the page is too narrow for both. */
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
  | { readonly kind: "export" };

/** What was asked of the server: on its way, here, or refused with the reason. */
export type Loaded<Value> =
  | { readonly kind: "loading" }
  | { readonly kind: "loaded"; readonly value: Value }
  | { readonly kind: "failed"; readonly error: ApiError };

export const LOADING = { kind: "loading" } as const;

/** Null until the server has accepted the session; `"ended"` where it does not. */
export const session = signal<Session | "ended" | null>(null);
export const connection = signal<Connection>("connecting");

export const view = signal<View>({ kind: "list" });
export const query = signal("");
export const tab = signal<Tab>("payload");
export const dialog = signal<Dialog | null>(null);

/** The list as it was at one moment: `upTo` is the newest row in it. */
export interface Snapshot {
  readonly upTo: number;
  readonly total: number;
}
export const snapshot = signal<Loaded<Snapshot>>(LOADING);
/** Grows whenever a row that is kept has changed or arrived. */
export const rowsVersion = signal(0);
/** The row that the keys move, as its place counted from the oldest, which stays when rows arrive. */
export const cursor = signal<number | null>(null);
/** How many rows are newer than the snapshot. */
export const waiting = signal(0);
/** How many rows have arrived since the page was opened, for those who hear the page. */
export const announced = signal(0);
export const counts = signal<Counts | null>(null);

export const detail = signal<Loaded<Detail>>(LOADING);
export const timeline = signal<Loaded<Timeline>>(LOADING);
export const overview = signal<Loaded<Stats>>(LOADING);

/** The delivery that the next one is compared with. */
export const marked = signal<string | null>(null);
/** A short message at the edge of the page, such as "Copied". */
export const message = signal("");

export const openId = computed(() => (view.value.kind === "delivery" ? view.value.id : null));
export const isReady = computed(() => session.value !== null && session.value !== "ended");
