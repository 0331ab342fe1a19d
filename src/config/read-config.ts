import { chmodSync, readFileSync, renameSync } from "node:fs";
import * as v from "valibot";
import { configFile, type ConfigFile, profileIn, type Profile } from "./profile.ts";
import { join } from "node:path";
import { PROJECT_FILE, type ProjectFile } from "./project-file.ts";

/** A config file that could not be parsed, and its new path; undefined: it was not renamed and is ignored. */
export interface SetAside {
  readonly fault: string;
  readonly path: string | undefined;
}

/** The content if there is no file. */
export const EMPTY_CONFIG: ConfigFile = { environments: {} };

type Reading =
  | { readonly kind: "good"; readonly file: ConfigFile }
  /** Contains the position of the fault, and never quotes it: the value there may be a secret. */
  | { readonly kind: "damaged"; readonly fault: string };

/** Reads the current file; a missing one is empty. Throws the file system's errors. */
export function readConfigFile(path: string): Reading {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    text = "{}";
  }
  return understand(text);
}

function understand(text: string): Reading {
  let content: unknown;
  try {
    content = parseConfig(text);
  } catch {
    return { kind: "damaged", fault: text.trim() === "" ? "it is empty" : "it is not JSON" };
  }
  const result = v.safeParse(configFile, content);
  if (result.success) return { kind: "good", file: result.output };
  const place = v.getDotPath(result.issues[0]);
  return { kind: "damaged", fault: `unexpected value at ${place ?? "the top"}` };
}

/** Parses the file's JSON, which an editor may have saved with a byte order mark. Throws `SyntaxError`. */
function parseConfig(text: string): unknown {
  return JSON.parse(text.replace(/^\ufeff/, ""));
}

/** Renames the file, so that the user can still read it. The caller holds the lock and has read the file under it. */
export function setAside(path: string, fault: string, now: number): SetAside {
  const aside = `${path}.damaged-${new Date(now).toISOString().replaceAll(":", "-")}`;
  chmodSync(path, 0o600);
  renameSync(path, aside);
  return { fault, path: aside };
}

/** Reads the stored profile of an environment; nothing is created, repaired or reported. */
export function peekProfile(folder: string, environment: string): Profile {
  const file = peek(folder);
  return file === undefined ? { webhooks: {} } : profileIn(file, environment);
}

/** Where the environment of a command without `--env` comes from; undefined: the default. */
export type EnvironmentSource = "BLUUM_ENV" | typeof PROJECT_FILE | "config set env" | undefined;

/** The variables, with the default environment of the project, otherwise of the user, if none of them sets one. */
export function withDefaultEnvironment<Env extends Readonly<Record<string, string | undefined>>>(
  env: Env,
  folder: string,
  project: ProjectFile | undefined,
): { readonly env: Env | (Env & { readonly BLUUM_ENV: string }); readonly environmentSource: EnvironmentSource } {
  if (env["BLUUM_ENV"]?.trim()) return { env, environmentSource: "BLUUM_ENV" };
  const ofProject = project?.content.env;
  if (ofProject !== undefined) return { env: { ...env, BLUUM_ENV: ofProject }, environmentSource: PROJECT_FILE };
  const stored = peek(folder)?.env;
  if (stored === undefined) return { env, environmentSource: undefined };
  return { env: { ...env, BLUUM_ENV: stored }, environmentSource: "config set env" };
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
