import type { ExchangeFailure, ExchangeOutcome } from "../core/exchange.ts";
import type { Clock } from "../platform/clock.ts";
import { dial, portOf } from "../platform/dial.ts";
import { lookAround, remedyFor, type Surroundings } from "./app-hints.ts";

export type HealthChange = { readonly state: "up" } | { readonly state: "down"; readonly remedy: string };

export interface HealthOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Told of the first finding, and then of each change. */
  readonly onChange: (change: HealthChange) => void;
  /** Told the same at once, before a remedy is looked for, and also of what did not last until it was found. */
  readonly onFound?: (isUp: boolean) => void;
  /** Whether an app that comes back is sent what it has missed, without anybody asking for it. */
  readonly isCatchingUp?: boolean;
  readonly surroundings?: Surroundings;
}

/** Whether the app can be reached. Looks by connecting, sends nothing; what forwarding finds out counts as well. */
export interface Health extends AsyncDisposable {
  /** What an attempt to forward has found out. */
  learn(outcome: ExchangeOutcome): void;
}

/** An app that is down is looked for often, because somebody is starting it; one that is up tells by its answers. */
const WHILE_DOWN_MS = 1_000;
const WHILE_UP_MS = 5_000;

/** Failures that say that the app is not there. Others say that it is, and is in trouble. */
const ABSENT: ReadonlySet<ExchangeFailure> = new Set(["refused", "unreachable"]);

/** Whether it took no app to end like this. */
export function isAbsent(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "failed" && ABSENT.has(outcome.reason);
}

/** The address is right: it was there before. */
const COME_BACK = "Start the app again; then send what it has missed with: bluum-hooks events replay --failed";
const COME_BACK_TO_MORE = "Start the app again; it then gets what it has missed.";

export function watchHealth(options: HealthOptions): Health {
  const url = new URL(options.url);
  const around = options.surroundings ?? lookAround();
  const comeBack = options.isCatchingUp === true ? COME_BACK_TO_MORE : COME_BACK;
  const stop = new AbortController();
  let nap = new AbortController();
  let isUp: boolean | undefined;
  let toldUp: boolean | undefined;
  let telling: Promise<void> = Promise.resolve();

  function found(failure: ExchangeFailure | undefined): void {
    const nowUp = failure === undefined;
    if (nowUp === isUp || stop.signal.aborted) return;
    isUp = nowUp;
    // An app that forwarding finds gone is looked for more often from now on.
    if (!nowUp) nap.abort();
    options.onFound?.(nowUp);
    telling = tell(telling, nowUp, failure);
  }

  async function tell(earlier: Promise<void>, nowUp: boolean, failure: ExchangeFailure | undefined): Promise<void> {
    await earlier;
    const change: HealthChange =
      failure === undefined
        ? { state: "up" }
        : { state: "down", remedy: toldUp === true ? comeBack : await remedyFor(url, failure, around) };
    // A state that lasted no longer than the look for a remedy is not worth a word.
    if (isUp !== nowUp || toldUp === nowUp || stop.signal.aborted) return;
    toldUp = nowUp;
    options.onChange(change);
  }

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      const failure = await dial(url.hostname, portOf(url), stop.signal);
      if (failure !== "stopped") found(failure);
      nap = new AbortController();
      const signal = AbortSignal.any([stop.signal, nap.signal]);
      await options.clock.sleep(isUp === true ? WHILE_UP_MS : WHILE_DOWN_MS, signal).catch(() => {});
    }
  }
  const watching = watch();

  return {
    learn(outcome) {
      if (outcome.kind === "answered") found(undefined);
      else if (ABSENT.has(outcome.reason)) found(outcome.reason);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      await telling;
    },
  };
}
