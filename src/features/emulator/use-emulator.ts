import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import type { LogEntry } from "../../emulator/log.ts";

/** The emulator's settings where nobody asked for others. */
export const EMULATOR_DEFAULTS = {
  port: 4650,
  generation: "both",
  speed: 60,
  chaos: [],
  requestsPerSecond: 10,
} as const;

/** An emulator that answers, as far as it says who runs it. */
interface RunningEmulator {
  readonly pid: number | undefined;
  /** The command of ours that started it. */
  readonly command: string | undefined;
}

/** The emulator that answers at this base URL, if one does. */
async function findEmulator(baseUrl: string, signal: AbortSignal): Promise<RunningEmulator | undefined> {
  try {
    const { get } = await import("../../platform/get.ts");
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(2_000)]);
    const text = await get(new URL("/_emulator/health", baseUrl), deadline);
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("emulator" in body) || body.emulator !== true) return undefined;
    const { pid, command } = body as { pid?: unknown; command?: unknown };
    return {
      pid: Number.isSafeInteger(pid) ? Number(pid) : undefined,
      command: typeof command === "string" && /^[a-z]{1,20}$/.test(command) ? command : undefined,
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

/** The emulator that a command works with. Disposing it stops it, if it is the command's own. */
export interface EmulatorInUse extends AsyncDisposable {
  readonly baseUrl: string;
  /** Whether it was started for this command, and ends with it, and with it all that it holds. */
  readonly isOwn: boolean;
  /** Where it is and whose it is, for the user. */
  readonly description: string;
  /** What it signs with, where this command has started it. */
  readonly webhookSecret: string | undefined;
}

interface EmulatorWanted {
  /** Where it must be; the next free port from `OWN_PORT` on, unless given. */
  readonly baseUrl: string | undefined;
  /** The command that asks. */
  readonly command: string;
  /** What it signs with, if it is started. */
  readonly webhookSecret: string | undefined;
  /** Hears what it does, if it is started. */
  readonly onLog: ((entry: LogEntry) => void) | undefined;
}

/** The first port of emulators that one command has for itself; nobody looks for one there. */
const OWN_PORT = EMULATOR_DEFAULTS.port + 1;

/** The emulator at the base URL: the one that runs there, else one that is started for the command. */
export async function useEmulator(
  { baseUrl, command, webhookSecret, onLog }: EmulatorWanted,
  context: Pick<Context, "startEmulator" | "clock" | "signal" | "pid">,
): Promise<EmulatorInUse> {
  const running = baseUrl === undefined ? undefined : await findEmulator(baseUrl, context.signal);
  if (baseUrl !== undefined && running !== undefined) {
    const description = `${baseUrl}, ${hostOf(running)}`;
    return { baseUrl, isOwn: false, description, webhookSecret: undefined, [Symbol.asyncDispose]: async () => {} };
  }
  const emulator = await context.startEmulator({
    ...EMULATOR_DEFAULTS,
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

function hostOf({ pid, command }: RunningEmulator): string {
  const which = pid === undefined ? "" : ` (process ${pid})`;
  if (command === undefined) return `already running${which}`;
  return `already running: bluum-hooks ${command}${which} started it, and it stops with that`;
}

function localPort(baseUrl: string): number {
  const { hostname, port } = new URL(baseUrl);
  if (hostname === "127.0.0.1" || hostname === "localhost") return Number(port || 80);
  const message = `no emulator answers at ${baseUrl}, and one can only be started on this machine`;
  throw new AppError("invalid_setting", message, { hint: "Leave out --base-url, or start the emulator there." });
}
