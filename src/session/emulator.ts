import type { Context } from "../context.ts";
import { AppError } from "../core/errors.ts";
import type { Emulator } from "../emulator/emulator.ts";

/** The emulator's settings where nobody asked for others. */
export const EMULATOR_DEFAULTS = {
  port: 4650,
  generation: "both",
  speed: 60,
  chaos: [],
  requestsPerSecond: 10,
} as const;

/** Whether an emulator answers at this base URL. */
export async function isEmulatorRunning(baseUrl: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(new URL("/_emulator/health", baseUrl), {
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]),
    });
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "emulator" in body && body.emulator === true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** The emulator at this base URL: one that runs already, else one of our own, which the caller disposes of. */
export async function ensureEmulator(
  baseUrl: string,
  context: Pick<Context, "startEmulator" | "clock" | "signal">,
): Promise<Emulator | undefined> {
  if (await isEmulatorRunning(baseUrl, context.signal)) return undefined;
  const { hostname, port } = new URL(baseUrl);
  if (hostname !== "127.0.0.1" && hostname !== "localhost") {
    throw new AppError(
      "invalid_setting",
      `no emulator answers at ${baseUrl}, and one can only be started on this machine`,
      {
        hint: "Leave out --base-url, or start the emulator there.",
      },
    );
  }
  return context.startEmulator({
    ...EMULATOR_DEFAULTS,
    chaos: [...EMULATOR_DEFAULTS.chaos],
    port: Number(port || 80),
    orNext: false,
    clock: context.clock,
  });
}
