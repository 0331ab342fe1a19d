import { join } from "node:path";
import { readConfigFile } from "./damage.ts";
import { profileIn, type ConfigFile, type Profile } from "./profile.ts";

/** Reads the stored profile of an environment; nothing is created, repaired or reported. */
export function peekProfile(folder: string, environment: string): Profile {
  const file = peek(folder);
  return file === undefined ? { webhooks: {} } : profileIn(file, environment);
}

/** The variables, with the stored default environment if none of them sets one. */
export function withDefaultEnvironment<Env extends Readonly<Record<string, string | undefined>>>(
  env: Env,
  folder: string,
): Env | (Env & { readonly BLUUM_ENV: string }) {
  if (env["BLUUM_ENV"]?.trim()) return env;
  const stored = peek(folder)?.env;
  return stored === undefined ? env : { ...env, BLUUM_ENV: stored };
}

function peek(folder: string): ConfigFile | undefined {
  try {
    const reading = readConfigFile(join(folder, "config.json"));
    return reading.kind === "good" ? reading.file : undefined;
  } catch {
    // The code that needs the file reports it.
    return undefined;
  }
}
