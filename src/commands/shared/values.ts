import type { Context } from "../../context.ts";
import { invalidValue } from "../../core/invalid-value.ts";
import { JsonText } from "../../core/json-text.ts";
import type { Setting } from "../../features/events/edit-payload.ts";
import { type appUrl, refuse, withPath } from "./parse.ts";
import { projectPath } from "./project-options.ts";
import { readFile } from "node:fs/promises";
import { AppError } from "../../core/errors.ts";

/** The endpoint that a port or a URL names. Without a path it gets that of the project. */
export function endpointUrl(app: ReturnType<typeof appUrl>, context: Pick<Context, "cwd">): string {
  return withPath(app, () => projectPath(context));
}

/**
 * `data.symbol=MSFT` → the path and the value: JSON if it is valid JSON, otherwise text. Repeated flags are combined.
 */
export function setting(text: string, earlier?: readonly Setting[]): Setting[] {
  const at = text.indexOf("=");
  if (at < 1) refuse("must be a path and a value, such as data.symbol=MSFT");
  const value = text.slice(at + 1);
  return [...(earlier ?? []), { path: text.slice(0, at), json: isJson(value) ? value.trim() : JSON.stringify(value) }];
}

/** A JSON object given as text, or as `@file` (`@-` is standard input). Throws `invalid_usage` or `file_unusable`. */
export async function jsonObject(
  flag: string,
  text: string,
  context: Pick<Context, "readStdin" | "isInteractive">,
): Promise<JsonText> {
  const given = text.startsWith("@") ? (await readBytes(text.slice(1), context)).toString("utf8") : text;
  const source = given.replace(/^\ufeff/, "").trim();
  if (source.startsWith("{") && isJson(source)) return new JsonText(source);
  throw invalidValue(flag, text, "must be a JSON object", {
    hint: `Write it as ${flag} '{"id":"ord_1","status":"filled"}', or name a file with ${flag} @file.json.`,
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

type Stdin = Pick<Context, "readStdin" | "isInteractive">;

/**
 * The exact bytes of a file; `-` is standard input, which is also the default if it is a pipe. Throws
 * `file_unusable`, or `invalid_usage` without a file on an interactive terminal.
 */
export async function readBytes(path: string | undefined, context: Stdin): Promise<Buffer> {
  if (path === undefined && context.isInteractive) {
    throw new AppError("invalid_usage", "no payload: no file and no standard input", {
      hint: "Add a file, or - to type the payload.",
    });
  }
  if (path === undefined || path === "-") return context.readStdin();
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AppError("file_unusable", `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: "Check that the file exists and is readable.",
      cause,
    });
  }
}
