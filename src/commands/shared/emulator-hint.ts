import type { GlobalFlags } from "./command.ts";
import { chooseEnvironment, NO_OWNER } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import { AppError, type ErrorCode } from "../../core/errors.ts";
import { findListener, type RunningListener } from "../../features/listen/listeners.ts";
import { readVariables } from "./workspace.ts";

/** Errors that are likely if the user meant the emulator. */
const LIKELY_MISTAKES = new Set<ErrorCode>([
  "credentials_missing",
  "credentials_refused",
  "webhook_secret_missing",
  "listener_not_running",
  "unexpected_answer",
  "sandbox_unknown",
  "timed_out",
]);

/**
 * Runs a command. If it fails with such an error while a listener for the emulator runs, the hint names the flag for
 * the emulator. Nothing is added if the user has named an environment.
 */
export async function withEmulatorHint<T>(flags: GlobalFlags, context: Context, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AppError) || flags.env !== undefined) throw error;
    if (!LIKELY_MISTAKES.has(error.code) && error.message !== NO_OWNER) throw error;
    const listener = await emulatorListener(flags, context).catch(() => undefined);
    if (listener === undefined || error.hint?.includes("--env emulator") === true) throw error;
    const hint = `Add --env emulator to use the emulator that listen uses (${listener.url}), or make it the default: bluum-hooks config set env emulator. Otherwise: ${error.hint ?? ""}`;
    throw error.with({ hint, cause: error });
  }
}

/** The listener of the emulator, if the command used another environment that has none. */
async function emulatorListener(flags: GlobalFlags, context: Context): Promise<RunningListener | undefined> {
  const { env, folder } = await readVariables(flags, context);
  const environment = chooseEnvironment({ flags, env });
  const { hasStore } = await import("../../store/file.ts");
  if (environment === "emulator" || !hasStore(folder)) return undefined;
  await using store = await context.openStoreReader(folder);
  const own = await findListener(store, environment);
  return own === undefined ? await findListener(store, "emulator") : undefined;
}
