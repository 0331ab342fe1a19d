import type { PayloadForm } from "../core/payload-form.ts";
import type { Clock } from "../platform/clock.ts";
import type { Background } from "./background.ts";
import type { Dispatcher } from "./delivery/dispatcher.ts";
import type { Emission } from "./entities/emission.ts";
import type { MarketHours } from "./entities/market-hours.ts";
import type { Served } from "./generation.ts";
import type { NewLogEntry } from "./log.ts";
import type { Pace } from "./pace.ts";
import type { State } from "./state.ts";

/** The process that runs an emulator. */
export interface EmulatorHost {
  readonly pid: number;
  /** `listen`, `exec`, `emulator`. */
  readonly command: string;
}

/** The dependencies of routes and life cycles; each declares the part that it needs. */
export interface World {
  readonly served: Served;
  readonly requestsPerSecond: number;
  readonly startedBy: EmulatorHost | undefined;
  readonly webhookSecret: string | undefined;
  readonly state: State;
  /** When orders are filled. */
  readonly hours: MarketHours;
  /** The form of payloads. */
  readonly payload: PayloadForm;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly background: Background;
  readonly dispatcher: Dispatcher;
  /** Sends an event to every active webhook that subscribes to it. */
  readonly publish: (emission: Emission) => void;
  readonly log: (entry: NewLogEntry) => void;
}
