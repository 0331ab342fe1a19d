import { InvalidArgumentError } from "commander";
import type { Context } from "../context.ts";
import { AppError } from "../core/errors.ts";
import { readBytes } from "./input.ts";

/** Where a listener takes deliveries, and so an app that is given by its port alone. */
const DEFAULT_PATH = "/webhooks/bluum";

/** The endpoint that `--to` names. */
export function endpointUrl({ url, hasPath }: { readonly url: URL; readonly hasPath: boolean }): string {
  return (hasPath ? url : new URL(DEFAULT_PATH, url)).href;
}

type Setting = readonly [path: string, value: unknown, text: string];

/** `data.symbol=MSFT` → the path, the value, which is JSON if it reads as such, and its text; repeated flags add up. */
export function setting(text: string, earlier?: readonly Setting[]): Setting[] {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("Give a path and a value, such as data.symbol=MSFT.");
  return [...(earlier ?? []), [text.slice(0, at), jsonOrText(text.slice(at + 1)), text.slice(at + 1)]];
}

/** A JSON object given as text, or as `@file` (`@-` is standard input). Throws `invalid_usage` or `file_unusable`. */
export async function jsonObject(
  flag: string,
  text: string,
  context: Pick<Context, "readStdin" | "isInteractive">,
): Promise<Record<string, unknown>> {
  const source = text.startsWith("@") ? (await readBytes(text.slice(1), context)).toString("utf8") : text;
  const value = jsonOrText(source.replace(/^\ufeff/, ""));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new AppError("invalid_usage", `${flag} is not a JSON object`, {
    hint: `Give it such as ${flag} '{"id":"ord_1","status":"filled"}', or a file that holds it with ${flag} @file.json.`,
  });
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
