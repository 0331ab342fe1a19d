import type { ExchangeFailure, ExchangeOutcome } from "../core/exchange.ts";
import { LinkedAbort } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import { dial, portOf } from "../platform/dial.ts";
import { hostEnvironment, remedyFor, type HostEnvironment } from "./app-hints.ts";

export type HealthChange = { readonly state: "up" } | { readonly state: "down"; readonly remedy: string };

export interface HealthOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Called with the first finding, and then with each change. */
  readonly onChange: (change: HealthChange) => void;
  /** Called with the same at once, before a remedy is searched for, and also for changes that end during the search. */
  readonly onFound?: (isUp: boolean) => void;
  /** Whether an app that comes back gets its missed deliveries automatically. */
  readonly isCatchingUp?: boolean;
  readonly hostEnvironment?: HostEnvironment;
}

/** Checks whether the app can be reached by connecting to it, without sending data; forwarding counts as well. */
export interface Health extends AsyncDisposable {
  /** Uses the result of an attempt to forward. */
  learn(outcome: ExchangeOutcome): void;
}

/** Interval while the app is down and probably starts soon; an app that is up is judged by its responses. */
const WHILE_DOWN_MS = 1_000;
const WHILE_UP_MS = 5_000;

/** Failures that mean that no app is running. Others mean that an app is running and has a problem. */
const ABSENT: ReadonlySet<ExchangeFailure> = new Set(["refused", "unreachable"]);

/** Whether the outcome is possible without a running app. */
export function isAbsent(outcome: ExchangeOutcome): boolean {
  return outcome.kind === "failed" && ABSENT.has(outcome.reason);
}

/** The address is correct, because the app was there before. */
const COME_BACK = "Start the app again, then send the missed deliveries with: bluum-hooks events replay --failed";
const COME_BACK_TO_MORE = "Start the app again: missed deliveries are then sent automatically.";

export function watchHealth(options: HealthOptions): Health {
  const url = new URL(options.url);
  const environment = options.hostEnvironment ?? hostEnvironment();
  const comeBack = options.isCatchingUp === true ? COME_BACK_TO_MORE : COME_BACK;
  const stop = new AbortController();
  let sleep = new LinkedAbort(stop.signal);
  let isUp: boolean | undefined;
  let publishedUp: boolean | undefined;
  let publishing: Promise<void> = Promise.resolve();

  function found(failure: ExchangeFailure | undefined): void {
    const nowUp = failure === undefined;
    if (nowUp === isUp || stop.signal.aborted) return;
    isUp = nowUp;
    // After a failed attempt to forward, the app is checked more often.
    if (!nowUp) sleep.abort();
    options.onFound?.(nowUp);
    publishing = publish(publishing, nowUp, failure);
  }

  async function publish(earlier: Promise<void>, nowUp: boolean, failure: ExchangeFailure | undefined): Promise<void> {
    await earlier;
    const change: HealthChange =
      failure === undefined
        ? { state: "up" }
        : { state: "down", remedy: publishedUp === true ? comeBack : await remedyFor(url, failure, environment) };
    // A change that ends while a remedy is searched for is not reported.
    if (isUp !== nowUp || publishedUp === nowUp || stop.signal.aborted) return;
    publishedUp = nowUp;
    options.onChange(change);
  }

  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      const failure = await dial(url.hostname, portOf(url), stop.signal);
      if (failure !== "stopped") found(failure);
      sleep[Symbol.dispose]();
      sleep = new LinkedAbort(stop.signal);
      await options.clock.sleep(isUp === true ? WHILE_UP_MS : WHILE_DOWN_MS, sleep.signal).catch(() => {});
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
      sleep[Symbol.dispose]();
      await watching;
      await publishing;
    },
  };
}
