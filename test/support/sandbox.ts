import { onTestFinished } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startEmulator, type Emulator, type EmulatorOptions } from "../../src/emulator/server.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { tempFolder } from "./temp.ts";

/** An emulator in this process, and the environment in which the program uses it as the sandbox. */
export async function startSandbox(options: Partial<EmulatorOptions> = {}): Promise<{
  emulator: Emulator;
  env: Record<string, string>;
  call: (method: string, path: string, body?: unknown) => Promise<unknown>;
}> {
  const emulator = await startEmulator({
    port: 0,
    orNext: false,
    generation: "both",
    market: "open",
    payload: "event",
    speed: 600,
    chaos: [],
    requestsPerSecond: 10_000,
    clock: systemClock,
    ...options,
  });
  onTestFinished(() => emulator[Symbol.asyncDispose]());
  const { apiKey, apiSecret, investorId } = EMULATOR_ACCESS;
  return {
    emulator,
    env: {
      BLUUM_HOOKS_HOME: tempFolder(),
      BLUUM_BASE_URL: emulator.baseUrl,
      BLUUM_API_KEY: apiKey,
      BLUUM_API_SECRET: apiSecret,
      BLUUM_INVESTOR_ID: investorId,
    },
    async call(method, path, body) {
      const response = await fetch(`${emulator.baseUrl}${path}`, {
        method,
        headers: {
          authorization: `Basic ${btoa(`${apiKey}:${apiSecret}`)}`,
          "content-type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return response.json();
    },
  };
}

export interface PlainWebhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly eventTypeNames: string[];
  readonly status: string;
  readonly description: string | null;
}

type WireWebhook = Omit<PlainWebhook, "eventTypeNames"> & { readonly event_type_names: string[] };

/** A webhook in the emulator's current form, with the names and the status of a request. */
export function plainWebhook({ id, name, url, event_type_names, status, description }: WireWebhook): PlainWebhook {
  return { id, name, url, eventTypeNames: event_type_names, status: status.toUpperCase(), description };
}

/** All webhooks, with the fields that a restore must set. */
export async function webhooksOf(call: Awaited<ReturnType<typeof startSandbox>>["call"]): Promise<PlainWebhook[]> {
  const { data } = (await call("GET", "/webhooks")) as { data: WireWebhook[] };
  return data.map(plainWebhook);
}
