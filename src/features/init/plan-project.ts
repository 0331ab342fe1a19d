import { basename, join } from "node:path";
import { editProject, PROJECT_FILE, type ProjectContent } from "../../config/project-file.ts";
import { AppError } from "../../core/errors.ts";
import { editJson } from "../../core/json-edit.ts";
import { isJsonObject } from "../../core/json-text.ts";
import { type ExampleFile, exampleFiles } from "./example-files.ts";
import { type Framework, readText } from "./frameworks.ts";

/** `added`: an existing file that gets more, and loses nothing. `replaced`: one whose text is lost. */
export type Effect = "created" | "added" | "replaced" | "unchanged";

export interface PlannedFile {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
  readonly effect: Effect;
}

interface HandlerOptions {
  readonly framework: Framework;
  readonly examplesFolder: string;
  readonly port: number;
  readonly path: string;
  /** Whether the project has code of its own, which must not be mixed with the example. */
  readonly isBesideCode: boolean;
}

export interface InitOptions {
  readonly folder: string;
  readonly project: ProjectContent & { readonly path: string; readonly forwardTo: number | string };
  /** The example to write as a handler. */
  readonly handler: HandlerOptions | undefined;
  /** Whether package.json gets a script. */
  readonly script: boolean;
}

export interface InitPlan {
  readonly files: readonly PlannedFile[];
  /** The folder of the handler, relative to the project; empty: the project itself. */
  readonly handlerFolder: string;
}

/** Beside the code of a project that exists already, whose files it must not replace. */
const HANDLER_FOLDER = "bluum-webhooks";

/** Everything that `init` writes. Nothing is written yet. Throws `invalid_setting` for a file that it cannot extend. */
export function planProject({ folder, project, handler, script }: InitOptions): InitPlan {
  const draft = new Draft(folder);
  draft.add(PROJECT_FILE, (before) => editProject(join(folder, PROJECT_FILE), before, project));
  let handlerFolder = "";
  if (handler !== undefined) {
    const { framework, examplesFolder, port, path } = handler;
    const files = exampleFiles(join(examplesFolder, framework.name), { port, path });
    const isHere = isWritten(folder, files) || (!handler.isBesideCode && isFree(folder, files));
    handlerFolder = isHere ? "" : HANDLER_FOLDER;
    for (const file of files) addHandlerFile(draft, file, handlerFolder, packageName(folder));
  }
  if (script && draft.has("package.json")) draft.add("package.json", withScript);
  draft.add(".env.example", withVariables);
  return { files: draft.files(), handlerFolder };
}

/** The texts of files as they are and as they will be. */
class Draft {
  readonly #folder: string;
  readonly #texts = new Map<string, { readonly before: string | undefined; after: string; isReplaced: boolean }>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  has(path: string): boolean {
    return this.#texts.has(path) || readText(join(this.#folder, path)) !== undefined;
  }

  add(path: string, edit: (before: string | undefined) => string): void {
    const known = this.#texts.get(path);
    const before = known === undefined ? readText(join(this.#folder, path)) : known.before;
    const after = edit(known?.after ?? before);
    this.#texts.set(path, { before, after, isReplaced: known?.isReplaced === true });
  }

  replace(path: string, text: string): void {
    const before = readText(join(this.#folder, path));
    this.#texts.set(path, { before, after: text, isReplaced: before !== undefined });
  }

  files(): PlannedFile[] {
    return [...this.#texts].map(([path, { before, after, isReplaced }]) => ({
      path,
      text: after,
      effect: before === undefined ? "created" : before === after ? "unchanged" : isReplaced ? "replaced" : "added",
    }));
  }
}

/** Files that an example adds lines to, if they exist. */
const MERGED: Readonly<Record<string, (text: string, before: string) => string>> = {
  "package.json": mergedPackage,
  "requirements.txt": mergedRequirements,
};

/** Whether an example stands in the project already. */
function isWritten(folder: string, files: readonly ExampleFile[]): boolean {
  return files.every(({ path, text }) => path in MERGED || readText(join(folder, path)) === text);
}

/** Whether an example can stand in the project itself: it would replace nothing there. */
function isFree(folder: string, files: readonly ExampleFile[]): boolean {
  const isCommonJs = packageOf(readText(join(folder, "package.json")) ?? "{}")["type"] === "commonjs";
  return files.every(({ path, text }) => {
    const before = readText(join(folder, path));
    return before === undefined || before === text || (path in MERGED && !isCommonJs && !hasOtherStart(before, text));
  });
}

/** Whether a package.json starts another app than the example. */
function hasOtherStart(own: string, example: string): boolean {
  const [ours, theirs] = [own, example].map((text) => (text.startsWith("{") ? packageOf(text)["scripts"] : undefined));
  if (!isJsonObject(ours) || !("start" in ours)) return false;
  return !isJsonObject(theirs) || theirs["start"] !== ours["start"];
}

function addHandlerFile(draft: Draft, { path, text }: ExampleFile, within: string, name: string): void {
  const merge = MERGED[path];
  const target = within === "" ? path : `${within}/${path}`;
  if (merge === undefined || within !== "") return draft.replace(target, text);
  const created = path === "package.json" ? editJson(text, ["name"], name) : text;
  draft.add(target, (before) => (before === undefined ? created : merge(text, before)));
}

/** A package.json with what an example needs, where it does not have it already. */
function mergedPackage(example: string, before: string): string {
  const [own, added] = [packageOf(before), packageOf(example)];
  let text =
    own["type"] === undefined && added["type"] !== undefined ? editJson(before, ["type"], added["type"]) : before;
  for (const group of ["scripts", "dependencies", "devDependencies"]) {
    const known = isJsonObject(own[group]) ? own[group] : {};
    for (const [name, value] of Object.entries(isJsonObject(added[group]) ? added[group] : {})) {
      if (!(name in known)) text = editJson(text, [group, name], value);
    }
  }
  return text;
}

function mergedRequirements(example: string, before: string): string {
  const names = (text: string) => text.split("\n").map((line) => /^[\w.-]+/.exec(line)?.[0].toLowerCase() ?? "");
  const known = names(before);
  return withLines(
    before,
    example.split("\n").filter((line) => line !== "" && !known.includes(names(line)[0] ?? "")),
  );
}

const SCRIPT = "webhooks";

/** A script that listens, in the form that finds the program: its own dependency, otherwise npx. */
function withScript(before = "{}\n"): string {
  const { scripts, dependencies, devDependencies } = packageOf(before);
  if (isJsonObject(scripts) && SCRIPT in scripts) return before;
  const isInstalled = [dependencies, devDependencies].some((each) => isJsonObject(each) && "bluum-hooks" in each);
  return editJson(before, ["scripts", SCRIPT], `${isInstalled ? "" : "npx "}bluum-hooks listen`);
}

const VARIABLES: readonly (readonly [comment: string, ...names: string[]])[] = [
  ["The signing secret of your webhook: bluum-hooks listen --new --print-secret", "BLUUM_WEBHOOK_SECRET"],
  ["The key pair of the API, if your app calls it", "BLUUM_API_KEY", "BLUUM_API_SECRET"],
];

/** Names only: an example of an env file is committed. */
function withVariables(before = ""): string {
  const missing = VARIABLES.flatMap(([comment, ...names]) => {
    const absent = names.filter((name) => !new RegExp(`^\\s*#?\\s*(export\\s+)?${name}=`, "m").test(before));
    return absent.length === 0 ? [] : [`# ${comment}`, ...absent.map((name) => `${name}=`)];
  });
  return withLines(before, missing);
}

function withLines(before: string, lines: readonly string[]): string {
  const start = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  return start + lines.map((line) => `${line}\n`).join("");
}

/** The content of a package.json. Throws `invalid_setting`. */
function packageOf(text: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text.replace(/^\ufeff/, ""));
    if (isJsonObject(content)) return content;
  } catch {
    // The same error as for another kind of JSON.
  }
  throw new AppError("invalid_setting", "package.json is not a JSON object", {
    hint: "Correct package.json, or add --no-script and --no-handler.",
  });
}

/** The name of a package in a folder. */
function packageName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+|-+$/g, "");
  return name === "" ? "bluum-webhooks" : name;
}
