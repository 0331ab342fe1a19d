import { EMULATOR_ACCESS } from "../../../src/core/environments.ts";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/emulator/server.ts";
import { systemClock } from "../../../src/platform/clock.ts";

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export interface Rig extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Sends a call with the emulator's own key; a path below `/v1`, or one that starts with `/_emulator`. */
  readonly call: Call;
  /** Registers a webhook for some events; returns the response's body. */
  readonly subscribe: (url: string, events?: readonly string[]) => Promise<Json>;
}

export const INVESTOR = `/investors/${EMULATOR_ACCESS.investorId}`;
export const ACCOUNT = `/accounts/${EMULATOR_ACCESS.accountId}`;
export const TRADING = `/trading/accounts/${EMULATOR_ACCESS.accountId}`;

export const MARKET_BUY = { symbol: "AAPL", side: "buy", type: "market", time_in_force: "day" };

export function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;
}

/** An emulator on a free port, by default very fast and without a rate limit. */
export async function startRig(options: Partial<EmulatorOptions> = {}): Promise<Rig> {
  const emulator = await startEmulator({
    port: 0,
    orNext: false,
    generation: "both",
    market: "open",
    payload: "event",
    speed: 100_000,
    chaos: [],
    requestsPerSecond: 100_000,
    clock: systemClock,
    ...options,
  });
  const call: Call = async (method, path, { body, headers = {} } = {}) => {
    const base = path.startsWith("/_emulator") ? emulator.baseUrl.replace(/\/v1$/, "") : emulator.baseUrl;
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { authorization: basic(EMULATOR_ACCESS.apiKey, EMULATOR_ACCESS.apiSecret), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };
  return {
    emulator,
    call,
    subscribe: async (url, events = ["*"]) => {
      const { body } = await call("POST", "/webhooks", { body: { name: "test", url, eventTypeNames: events } });
      return body;
    },
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

/** Repeats the request until the response meets the condition. The test's own time limit ends the wait. */
export async function until<Value>(
  look: () => Promise<Value> | Value,
  isWanted: (value: Value) => boolean,
): Promise<Value> {
  for (;;) {
    const value = await look();
    if (isWanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
