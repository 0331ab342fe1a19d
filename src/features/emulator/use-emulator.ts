import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { EmulatorOptions } from "../../emulator/server.ts";
import { HttpClient, readBody } from "../../platform/http-client.ts";
import type { LogEntry } from "../../emulator/log.ts";
import { EMULATOR_PORT } from "../../core/defaults.ts";
import { PAYLOAD_FORMS, type PayloadForm } from "../../core/payload-form.ts";

/** Settings of an emulator that other commands than `emulator` have too. */
export type EmulatorSettings = Partial<Pick<EmulatorOptions, "generation" | "market" | "payload">>;

/** The default settings of the emulator. */
export const EMULATOR_DEFAULTS = {
  port: EMULATOR_PORT,
  generation: "both",
  market: "open",
  payload: "event",
  speed: 60,
  chaos: [],
  requestsPerSecond: 10,
} as const;

const TIMEOUT_MS = 2_000;
const MAX_HEALTH_BYTES = 64 * 1024;

/** A running emulator, with what it reports about its process. */
interface RunningEmulator {
  readonly pid: number | undefined;
  /** The command of this program that started it. */
  readonly command: string | undefined;
  /** The form of the payloads that it sends. */
  readonly payload: PayloadForm | undefined;
}

/** The emulator at this base URL, if one answers. */
async function findEmulator(baseUrl: string, signal: AbortSignal): Promise<RunningEmulator | undefined> {
  try {
    using deadline = new LinkedAbort(signal, TIMEOUT_MS);
    using client = new HttpClient({ keepAlive: false });
    const health = await client.send(new URL("/_emulator/health", baseUrl), { signal: deadline.signal });
    const body: unknown = JSON.parse((await readBody(health, MAX_HEALTH_BYTES)).body.toString());
    if (typeof body !== "object" || body === null || !("emulator" in body) || body.emulator !== true) return undefined;
    const { pid, command, payload } = body as { pid?: unknown; command?: unknown; payload?: unknown };
    return {
      pid: Number.isSafeInteger(pid) ? Number(pid) : undefined,
      command: typeof command === "string" && /^[a-z]{1,20}$/.test(command) ? command : undefined,
      payload: PAYLOAD_FORMS.find((form) => form === payload),
    };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Whether an emulator answers at this base URL. */
export async function isEmulatorRunning(baseUrl: string, signal: AbortSignal): Promise<boolean> {
  return (await findEmulator(baseUrl, signal)) !== undefined;
}

/** The form of the payloads of the emulator at this base URL; undefined if none answers. */
export async function payloadOfEmulator(baseUrl: string, signal: AbortSignal): Promise<PayloadForm | undefined> {
  return (await findEmulator(baseUrl, signal))?.payload;
}

/** The emulator that a command uses. Disposing it stops the emulator, if the command has started it. */
export interface EmulatorInUse extends AsyncDisposable {
  readonly baseUrl: string;
  /** Whether it was started for this command, and ends with it together with its data. */
  readonly isOwn: boolean;
  /** Its location and owner, for the user. */
  readonly description: string;
  /** Its signing secret, if this command has started it. */
  readonly webhookSecret: string | undefined;
}

interface EmulatorWanted {
  /** The required base URL; by default the next free port from `OWN_PORT` on. */
  readonly baseUrl: string | undefined;
  /** The command that needs it. */
  readonly command: string;
  /** Settings of an emulator that is started; those of a running one cannot be chosen. */
  readonly settings: EmulatorSettings;
  /** The signing secret of an emulator that is started. */
  readonly webhookSecret: string | undefined;
  /** Gets the log of an emulator that is started. */
  readonly onLog: ((entry: LogEntry) => void) | undefined;
}

/** The first port for an emulator of a single command; other commands do not look for one there. */
const OWN_PORT = EMULATOR_DEFAULTS.port + 1;

/** The emulator at the base URL: a running one, otherwise one that is started for the command. */
export async function useEmulator(
  { baseUrl, command, settings, webhookSecret, onLog }: EmulatorWanted,
  context: Pick<Context, "startEmulator" | "clock" | "signal" | "pid">,
): Promise<EmulatorInUse> {
  const running = baseUrl === undefined ? undefined : await findEmulator(baseUrl, context.signal);
  if (baseUrl !== undefined && running !== undefined) {
    refuseSettings(settings, baseUrl, running);
    const description = `${baseUrl}, ${hostOf(running)}`;
    return { baseUrl, isOwn: false, description, webhookSecret: undefined, [Symbol.asyncDispose]: async () => {} };
  }
  const emulator = await context.startEmulator({
    ...EMULATOR_DEFAULTS,
    ...settings,
    chaos: [...EMULATOR_DEFAULTS.chaos],
    port: baseUrl === undefined ? OWN_PORT : localPort(baseUrl),
    orNext: baseUrl === undefined,
    clock: context.clock,
    webhookSecret,
    startedBy: { pid: context.pid, command },
    ...(onLog === undefined ? {} : { onLog }),
  });
  return {
    baseUrl: emulator.baseUrl,
    isOwn: true,
    description: `${emulator.baseUrl}, started by this command and stopped with it`,
    webhookSecret,
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

function refuseSettings(settings: EmulatorSettings, baseUrl: string, running: RunningEmulator): void {
  const [name] = Object.keys(settings);
  if (name === undefined) return;
  const { origin } = new URL(baseUrl);
  const change = `curl -d '{"market": "closed"}' ${origin}/_emulator/market`;
  throw new AppError("invalid_usage", `--${name} has no effect on the emulator at ${baseUrl}, ${hostOf(running)}`, {
    hint: `Remove it, or stop that emulator.${name === "market" ? ` To change its market, run: ${change}` : ""}`,
  });
}

function hostOf({ pid, command }: RunningEmulator): string {
  const which = pid === undefined ? "" : ` (process ${pid})`;
  if (command === undefined) return `already running${which}`;
  return `started by bluum-hooks ${command}${which} and stopped with it`;
}

function localPort(baseUrl: string): number {
  const { hostname, port } = new URL(baseUrl);
  if (hostname === "127.0.0.1" || hostname === "localhost") return Number(port || 80);
  const message = `no emulator answers at ${baseUrl}, and one can only be started on this machine`;
  throw new AppError("invalid_setting", message, { hint: "Remove --base-url, or start the emulator there." });
}
