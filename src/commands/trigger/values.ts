import { readFile } from "node:fs/promises";
import { InvalidArgumentError } from "commander";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";

type Setting = readonly [path: string, value: unknown];

/** `data.symbol=MSFT` → the path and the value, which is JSON if it reads as such, else text; repeated flags add up. */
export function setting(text: string, earlier?: readonly Setting[]): Setting[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give a path and a value, such as data.symbol=MSFT.");
  return [...(earlier ?? []), [text.slice(0, at), jsonOrText(text.slice(at + 1))]];
}

/** A JSON object given as text, or as `@file` (`@-` is standard input). Throws `invalid_usage` or `file_unusable`. */
export async function jsonObject(
  flag: string,
  text: string,
  context: Pick<Context, "readStdinBytes">,
): Promise<Record<string, unknown>> {
  const source = text.startsWith("@") ? await fileText(flag, text.slice(1), context) : text;
  const value = jsonOrText(source.replace(/^\ufeff/, ""));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AppError("invalid_usage", `${flag} is not a JSON object`, {
    hint: `Give it such as ${flag} '{"id":"ord_1","status":"filled"}', or a file that holds it with ${flag} @file.json.`,
  });
}

async function fileText(flag: string, path: string, context: Pick<Context, "readStdinBytes">): Promise<string> {
  if (path === "-") return (await context.readStdinBytes()).toString("utf8");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new AppError("file_unusable", `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: `Give ${flag} the path of a file that you may read.`,
      cause,
    });
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
