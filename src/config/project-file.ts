import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import * as v from "valibot";
import { AppError } from "../core/errors.ts";
import { editJson } from "../core/json-edit.ts";
import { propertiesOf, treeOf } from "../core/json-text.ts";
import { writeWholeFile } from "../platform/write-file.ts";
import { object } from "./profile.ts";

/** Settings that a team commits with its code. It never contains a secret. */
export const PROJECT_FILE = "bluum-hooks.json";

const projectContent = object({
  // Production cannot be the default: a missing flag must not change anything there.
  env: v.optional(v.picklist(["sandbox", "emulator"])),
  path: v.optional(v.string()),
  port: v.optional(v.number()),
  forwardTo: v.optional(v.union([v.number(), v.string()])),
  events: v.optional(v.union([v.string(), v.array(v.string())])),
  team: v.optional(object({ name: v.string(), environment: v.string(), key: v.string() })),
});

/** Its settings have the names of their flags. Fields of other versions are kept. */
export type ProjectContent = v.InferOutput<typeof projectContent>;

export interface ProjectFile {
  readonly path: string;
  readonly content: ProjectContent;
}

/**
 * The project file of a folder: the one in it, or the nearest above it, up to the root of its repository. Throws
 * `invalid_setting` if it cannot be understood, and `file_unusable` if it cannot be read.
 */
export function readProjectFile(folder: string): ProjectFile | undefined {
  const path = join(folder, PROJECT_FILE);
  const text = readText(path);
  if (text !== undefined) return { path, content: understand(text, path) };
  const parent = dirname(folder);
  return parent === folder || existsSync(join(folder, ".git")) ? undefined : readProjectFile(parent);
}

/** Like `readProjectFile`, for a command that works without it: undefined if it is invalid. */
export function peekProjectFile(folder: string): ProjectFile | undefined {
  try {
    return readProjectFile(folder);
  } catch {
    return undefined;
  }
}

/** The settings of a project file in a fixed order, as text. */
export function listProject({ env, path, port, forwardTo, events }: ProjectContent): [name: string, value: string][] {
  return Object.entries({ env, path, port, forwardTo, events }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(",") : String(value)]],
  );
}

/**
 * Sets fields of the project file at a path, which is created if it is missing; an undefined field is removed. All
 * other text stays unchanged. Throws `invalid_setting` if the file cannot be understood, and `file_unusable`.
 */
export async function updateProjectFile(path: string, fields: Partial<ProjectContent>): Promise<void> {
  await writeWholeFile(path, editProject(path, readText(path), fields), "the project file");
}

/** The text of the project file at a path with other fields. Throws `invalid_setting` for text that is no such file. */
export function editProject(path: string, before: string | undefined, fields: Partial<ProjectContent>): string {
  const text = before ?? "{}\n";
  const known: Readonly<Record<string, unknown>> = understand(text, path);
  const changed = Object.entries(fields).filter(
    ([name, value]) => JSON.stringify(known[name]) !== JSON.stringify(value),
  );
  return changed.reduce((edited, [name, value]) => editJson(edited, [name], value), text);
}

function readText(path: string): string | undefined {
  try {
    return readSmallFile(path).replace(/^\ufeff/, "");
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new AppError("file_unusable", `${path} cannot be read (${code})`, {
      hint: "Make the file readable for your user.",
      cause,
    });
  }
}

/** More than any project needs. The file comes with somebody's code: it must not fill the memory. */
const MAX_BYTES = 64 * 1024;

/** Opening a pipe would wait for its writer, and a device may never end. */
function readSmallFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw invalid(path, "it is not a regular file");
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    if (length > MAX_BYTES) throw invalid(path, "it is larger than 64 KB");
    return bytes.toString("utf8", 0, length);
  } finally {
    closeSync(file);
  }
}

function understand(text: string, path: string): ProjectContent {
  let names: readonly string[];
  try {
    names = propertiesOf(treeOf(text)).map(({ name }) => name);
  } catch (cause) {
    // The parser is recursive.
    if (cause instanceof RangeError) throw invalid(path, "it is nested too deeply", cause);
    throw invalid(path, `it is not JSON${lineOfFault(text)}`, cause);
  }
  // A reader would use the last of the two, and an editor of JSON changes the first.
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw invalid(path, `it has the field ${JSON.stringify(repeated)} twice`);
  const result = v.safeParse(projectContent, JSON.parse(text));
  if (result.success) return result.output;
  throw invalid(path, `unexpected value at ${v.getDotPath(result.issues[0]) ?? "the top"}`);
}

function lineOfFault(text: string): string {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true });
  } catch {
    // Nested too deeply for this parser, which is recursive.
  }
  const [first] = errors;
  return first === undefined ? "" : ` (line ${text.slice(0, first.offset).split("\n").length})`;
}

function invalid(path: string, why: string, cause?: unknown): AppError {
  return new AppError("invalid_setting", `invalid ${PROJECT_FILE}: ${why}`, { hint: `Correct ${path}`, cause });
}
