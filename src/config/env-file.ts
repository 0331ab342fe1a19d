import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { AppError } from "../core/errors.ts";

/**
 * The variables of an env file. The caller spreads the real environment over them, which they never override.
 * Throws `file_unusable` if the file cannot be read.
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
        hint: "Give --env-file the path of a file with lines such as BLUUM_API_KEY=…",
        cause,
      },
    );
  }
  return parseEnvText(text);
}

/** The variables of a text with a line `NAME=value` for each. */
export function parseEnvText(text: string): Record<string, string> {
  // Some editors put a byte order mark before the first name.
  const entries = Object.entries(parseEnv(text.replace(/^\ufeff/, "")));
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
