import { randomBytes } from "node:crypto";
import { AppError } from "../core/errors.ts";
import type { Config } from "./config-file.ts";
import { secretsIn } from "./settings.ts";

/**
 * The secret that an emulator signs with: the first of `BLUUM_WEBHOOK_SECRET`, otherwise a stored secret that stays
 * the same. If nothing can be stored, it is a new one each time.
 */
export async function emulatorSecret(
  env: Readonly<Record<string, string | undefined>>,
  config: Pick<Config, "emulatorSecret">,
): Promise<string> {
  const [given] = secretsIn(env) ?? [];
  if (given !== undefined) return given;
  const fresh = `whsec_${randomBytes(24).toString("base64")}`;
  try {
    return await config.emulatorSecret(fresh);
  } catch (error) {
    if (error instanceof AppError && ["file_unusable", "config_damaged"].includes(error.code)) return fresh;
    throw error;
  }
}
