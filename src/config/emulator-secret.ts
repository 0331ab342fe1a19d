import { AppError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { secretsIn } from "./settings.ts";

/**
 * What an emulator signs with: the first of `BLUUM_WEBHOOK_SECRET`, else a secret that is stored here and stays the same.
 * Undefined where nothing can be stored: each webhook has a secret of its own then.
 */
export async function emulatorSecret(
  env: Readonly<Record<string, string | undefined>>,
  config: Pick<Config, "emulatorSecret">,
): Promise<string | undefined> {
  const [given] = secretsIn(env) ?? [];
  if (given !== undefined) return given;
  try {
    return await config.emulatorSecret();
  } catch (error) {
    if (error instanceof AppError && error.code === "file_unusable") return undefined;
    throw error;
  }
}
