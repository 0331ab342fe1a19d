import { createServer } from "node:http";
import type { PayloadForm } from "../core/payload-form.ts";
import type { Scheme } from "../core/signature.ts";
import type { Clock } from "../platform/clock.ts";
import { closeServer, listenOnLoopback } from "../platform/loopback.ts";
import { UndoStack } from "../platform/undo.ts";
import { buildApp } from "./app.ts";
import { Background } from "./background.ts";
import { Chaos, type ChaosKind } from "./delivery/chaos.ts";
import { Dispatcher, type Delivery } from "./delivery/dispatcher.ts";
import { Sender } from "./delivery/sender.ts";
import { newEmission } from "./entities/emission.ts";
import { MarketHours, type MarketMode } from "./entities/market-hours.ts";
import type { Served } from "./generation.ts";
import type { LogEntry, NewLogEntry } from "./log.ts";
import { Pace } from "./pace.ts";
import type { EmulatorHost, World } from "./world.ts";
import { newState, resetData } from "./state.ts";

export { CHAOS_KINDS, type ChaosKind } from "./delivery/chaos.ts";

export interface EmulatorOptions {
  /** 0 asks the system for any free port. */
  readonly port: number;
  /** Whether the next free port is used if this one is in use. */
  readonly orNext: boolean;
  readonly generation: Served;
  /** When the market fills orders; a control route changes it. */
  readonly market: MarketMode;
  readonly payload: PayloadForm;
  /** How many of the API's seconds pass in a real one: delays are divided by it. */
  readonly speed: number;
  readonly chaos: readonly ChaosKind[];
  /** Rate limit for one key pair. */
  readonly requestsPerSecond: number;
  readonly clock: Clock;
  /** Selects the deliveries that chaos affects: numbers from 0 up to, but not including, 1. */
  readonly random?: () => number;
  /** The secret of every webhook; by default each has its own. */
  readonly webhookSecret?: string | undefined;
  readonly signing?: Scheme;
  /** Header of the single-header schemes. */
  readonly signingHeader?: string;
  readonly onLog?: (entry: LogEntry) => void;
  /** The program that runs the emulator, for a command that finds it already running. */
  readonly startedBy?: EmulatorHost;
}

export interface Emulator extends AsyncDisposable {
  /** The base URL for clients of the API: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  readonly port: number;
  /** The last 1000 deliveries, oldest first. */
  deliveries(): readonly Readonly<Delivery>[];
  /** Sends an event of any name to the webhooks that subscribe to it. */
  emit(event: string, data: Readonly<Record<string, unknown>>): void;
  /** Restores the initial data and removes all deliveries. Webhooks stay, as in the sandbox, unless included. */
  reset(scope?: { readonly webhooks: boolean }): void;
}

/**
 * Starts an emulator of the Bluum sandbox on 127.0.0.1. Throws `port_in_use`. Disposing it takes at most a second.
 *
 * To test how an app handles failures: the symbol `REJECT` is accepted and then rejected, `PARTIAL` is filled in two
 * parts, `CLOSED`, `HALTED` and `OUTAGE` are refused; a transfer of 13.13 fails, one of 17.17 is refused; `access.ts`
 * and `owner.ts` have keys and owners that are refused. `docs/emulator.md` documents all of them.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { clock } = options;
  const log = (entry: NewLogEntry): void => options.onLog?.({ at: clock.now(), ...entry });
  const background = new Background((error) => log({ type: "fault", message: String(error) }));
  const pace = new Pace(clock, options.speed);
  const state = newState();
  const sender = new Sender();
  const dispatcher = new Dispatcher({
    webhooks: state.webhooks,
    sender,
    clock,
    pace,
    background,
    chaos: new Chaos(options.chaos, options.random ?? Math.random),
    scheme: options.signing ?? "standard-webhooks",
    signingHeader: options.signingHeader,
    log,
  });
  const world: World = {
    served: options.generation,
    startedBy: options.startedBy,
    webhookSecret: options.webhookSecret,
    requestsPerSecond: options.requestsPerSecond,
    state,
    hours: new MarketHours(options.market, clock),
    payload: options.payload,
    clock,
    pace,
    background,
    dispatcher,
    publish: (emission) => dispatcher.publish(emission),
    log,
  };
  const reset = (scope: { readonly webhooks: boolean } = { webhooks: false }): void => {
    background.restart();
    dispatcher.clear();
    resetData(state);
    if (scope.webhooks) state.webhooks.clear();
  };

  const undo = new UndoStack();
  undo.push(() => sender[Symbol.dispose]());
  undo.push(() => background.stop());
  const server = createServer(buildApp(world, reset));
  undo.push(() => closeServer(server));
  try {
    const port = await listenOnLoopback(server, { port: options.port, orNext: options.orNext, flag: "--port" });
    return {
      baseUrl: `http://127.0.0.1:${port}/v1`,
      port,
      deliveries: () => dispatcher.deliveries(),
      emit: (event, data) => dispatcher.publish(newEmission(event, data, world)),
      reset,
      [Symbol.asyncDispose]: () => undo[Symbol.asyncDispose](),
    };
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    throw error;
  }
}
