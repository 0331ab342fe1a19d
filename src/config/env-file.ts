import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { AppError } from "../core/errors.ts";

/**
 * The variables of an env file. They never override the real environment: see `withEnvFile`. Throws `file_unusable`
 * if the file cannot be read.
 */
export async function readEnvFile(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new AppError(
      "file_unusable",
      `the env file ${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      {
        hint: "Use the path of a file with lines such as BLUUM_API_KEY=…",
        cause,
      },
    );
  }
  return parseEnvText(text);
}

/**
 * Merges the variables of a file into the real environment, which takes precedence. An empty variable counts as
 * unset. If several names stand for one setting and the environment has set any of them, the file's are ignored.
 */
export function withEnvFile(
  file: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const isSet = (name: string) => (env[name]?.trim() ?? "") !== "";
  const settled = ONE_SETTING.filter((names) => names.some(isSet)).flat();
  const beneath = Object.entries(file).filter(([name]) => !settled.includes(name));
  const set = Object.entries(env).filter(([name]) => isSet(name) || !(name in file));
  return Object.fromEntries([...beneath, ...set]);
}

/** Otherwise the name that is checked first would win, even if only the file contains it. */
const ONE_SETTING: readonly (readonly string[])[] = [
  ["BLUUM_INVESTOR_ID", "BLUUM_ACCOUNT_ID"],
  ["BLUUM_BASE_URL", "BLUUM_API_BASE_URL"],
  ["BLUUM_API_SECRET", "BLUUM_SECRET_KEY"],
];

/** The variables in a text with lines of the form `NAME=value`. */
export function parseEnvText(text: string): Record<string, string> {
  // Some editors put a byte order mark before the first name.
  const entries = Object.entries(parseEnv(text.replace(/^\ufeff/, "")));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
