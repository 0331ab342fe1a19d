import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { PROJECT_FILE, type ProjectContent, readProjectFile } from "../config/project-file.ts";
import type { Context } from "../context.ts";
import { shellWord } from "../core/command-line.ts";
import { DEFAULT_EVENTS, DELIVERY_PATH } from "../core/defaults.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { detectFramework, FRAMEWORKS, type Framework } from "../features/init/frameworks.ts";
import { requireInside } from "../features/init/inside.ts";
import { type InitPlan, planProject, type PlannedFile } from "../features/init/plan-project.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { addHelp } from "./shared/help.ts";
import { appPort, eventList, refuse, urlPath } from "./shared/parse.ts";
import { projectApp } from "./shared/project-options.ts";
import { warnOfUnknownEvents } from "./shared/warnings.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface InitFlags extends GlobalFlags {
  readonly framework?: string;
  readonly port?: number;
  readonly path?: string;
  readonly events?: readonly string[];
  readonly handler?: boolean;
  readonly script: boolean;
  readonly force?: boolean;
}

const NONE = "none";
const NAMES = [...FRAMEWORKS.map(({ name }) => name), NONE];

const HELP = {
  details: `Writes ${PROJECT_FILE}, which is committed and sets the flags of other commands in this project; .env.example, with names and without values; a script in package.json; and, in a project without a framework, a handler from the examples that verifies, stores and processes events.

Asks for what is not set by a flag; --yes accepts the defaults. Existing files get what is missing, and are replaced only if you agree or with --force.`,
  examples: `  $ bluum-hooks init
  $ bluum-hooks init --framework express --yes
  $ bluum-hooks init --port 8080 --path /hooks --events 'order.*' --yes`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .addOption(
      new Option("--framework <name>", `framework of the handler (default: recognized): ${NAMES.join(", ")}`).choices(
        NAMES,
      ),
    )
    .option("--port <port>", "port of your app", appPort)
    .option("--path <path>", `path that receives deliveries (default ${DELIVERY_PATH})`, urlPath)
    .option("--events <names>", `event names or patterns (default ${DEFAULT_EVENTS.join(",")})`, eventList)
    .option("--handler", "write a handler, even if the project has a framework")
    .option("--no-handler", "do not write a handler")
    .option("--no-script", "do not add a script to package.json")
    .option("--force", "replace files of the handler that you have changed")
    .action(inWorkspace(context, runInit, { toleratesFaults: true }));
}

async function runInit(workspace: Workspace, flags: InitFlags): Promise<void> {
  const { context } = workspace;
  const { cwd } = context;
  if (cwd === undefined) {
    throw new AppError("file_unusable", "the working directory has been deleted", { hint: "Change to another one." });
  }
  if (flags.env === "production") {
    throw new AppError("invalid_usage", "production cannot be the environment of a project", {
      hint: "Use --env sandbox or --env emulator, or leave it out.",
    });
  }
  const isAsking = flags.yes !== true;
  if (isAsking && (!context.isInteractive || workspace.json)) {
    throw new AppError("confirmation_required", "cannot ask for the settings of the project", {
      hint: "Add --yes to accept the defaults, and flags for other values.",
    });
  }
  const known = readProjectFile(cwd);
  const isOwn = known?.path === join(cwd, PROJECT_FILE);
  if (known !== undefined && !isOwn) workspace.say(`Note: ${known.path} will not apply in this folder any more.`);
  const own = isOwn ? known.content : {};
  const found = detectFramework(cwd);
  if (found !== undefined) workspace.say(`Found ${found.framework.title} in ${found.file}.`);
  const ask: Ask = (message, otherwise, parse) =>
    isAsking ? question(context, message, otherwise, parse) : Promise.resolve(parse(otherwise));

  const framework =
    flags.framework === undefined
      ? (found?.framework ?? (isAsking && flags.handler !== false ? await askFramework(ask) : undefined))
      : FRAMEWORKS.find(({ name }) => name === flags.framework);
  const isWanted = flags.handler ?? (framework !== undefined && found === undefined);
  const handlerOf = isWanted ? framework : undefined;
  if (flags.handler === true && framework === undefined) {
    throw new AppError("invalid_usage", "no framework for the handler", {
      hint: `Add --framework with one of ${NAMES.join(", ")}.`,
    });
  }
  const usualPort = handlerOf === undefined ? (found?.framework.port ?? EXAMPLE_PORT) : EXAMPLE_PORT;
  const ownApp = isOwn ? projectApp(context) : undefined;
  const ownPort = ownApp && (Number(ownApp.url.port) || (ownApp.url.protocol === "https:" ? 443 : 80));
  const appsPort = flags.port ?? (await ask("Port of your app", String(ownPort ?? usualPort), appPort));
  const pathRule = handlerOf === undefined ? urlPath : plainPath;
  const path = flags.path ?? (await ask("Path that receives deliveries", own.path ?? DELIVERY_PATH, pathRule));
  // A URL that is there already says more than its port.
  const keepsUrl = flags.port === undefined && typeof own.forwardTo === "string" && appsPort === ownPort;
  const urlsPath = keepsUrl && ownApp?.hasPath === true ? ownApp.url.pathname : undefined;
  if (handlerOf !== undefined) {
    checked(urlsPath === undefined ? "--path" : `path of forwardTo in ${PROJECT_FILE}`, urlsPath ?? path, plainPath);
  }
  const ownEvents = own.events === undefined ? DEFAULT_EVENTS.join(",") : [own.events].flat().join(",");
  const events = flags.events ?? (await ask("Events", ownEvents, (text) => eventList(text)));
  await warnOfUnknownEvents(events, workspace);

  const project: ProjectContent & { path: string; forwardTo: number | string } = {
    ...(flags.env === undefined ? {} : { env: flags.env as "sandbox" | "emulator" }),
    path,
    forwardTo: keepsUrl ? (own.forwardTo ?? appsPort) : appsPort,
    events: [...events],
  };
  const { examplesFolder } = context;
  const plan = planProject({
    folder: cwd,
    project,
    handler: handlerOf && {
      framework: handlerOf,
      examplesFolder,
      port: appsPort,
      path: urlsPath ?? path,
      isBesideCode: found !== undefined,
    },
    script: flags.script,
  });
  const done = await writePlan(plan, cwd, flags, workspace);
  const files = done.map(({ path: file, effect }) => ({ path: file, effect }));
  workspace.print({ folder: cwd, framework: framework?.name ?? null, project, files }, () =>
    files.map(({ path: file, effect }) => `${LABELS[effect]} ${file}\n`).join(""),
  );
  sayNext(workspace, handlerOf, plan, appsPort);
}

/** The port in the examples, and of most apps. */
const EXAMPLE_PORT = 3000;

type Ask = <T>(message: string, otherwise: string, parse: (text: string) => T) => Promise<T>;

async function question<T>(
  context: Context,
  message: string,
  otherwise: string,
  parse: (text: string) => T,
): Promise<T> {
  const validate = (answer: string) => {
    try {
      parse(answer === "" ? otherwise : answer);
      return undefined;
    } catch (error) {
      if (error instanceof InvalidArgumentError) return error.message;
      throw error;
    }
  };
  const answer = await context.ask({ message: `${message} (${otherwise})`, validate });
  return parse(answer === "" ? otherwise : answer);
}

function askFramework(ask: Ask): Promise<Framework | undefined> {
  return ask(`Framework of the handler: ${NAMES.join(", ")}`, NONE, (text) => {
    if (text === NONE) return undefined;
    return FRAMEWORKS.find(({ name }) => name === text) ?? refuse(`must be one of ${NAMES.join(", ")}`);
  });
}

/** A path that can be written into the code of any framework. */
function plainPath(text: string): string {
  return /^(\/[\w.~-]+)+$/.test(text) ? urlPath(text) : refuse("must be a path of letters, digits, -, _, . and /");
}

function checked(name: string, text: string, parse: (text: string) => string): void {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalidValue(name, text, error.message, { hint: "Use another path, or add --no-handler." });
  }
}

type Done = Omit<PlannedFile, "effect"> & { readonly effect: PlannedFile["effect"] | "kept" };

const LABELS: Readonly<Record<Done["effect"], string>> = {
  created: "created  ",
  added: "extended ",
  replaced: "replaced ",
  unchanged: "unchanged",
  kept: "kept     ",
};

async function writePlan(plan: InitPlan, folder: string, flags: InitFlags, workspace: Workspace): Promise<Done[]> {
  const { context } = workspace;
  const done: Done[] = [];
  for (const file of plan.files) await requireInside(folder, file.path);
  for (const file of plan.files) {
    const isAgreed = await mayWrite(file, flags, workspace);
    if (isAgreed && file.effect !== "unchanged") {
      const path = join(folder, file.path);
      await mkdir(dirname(path), { recursive: true });
      await context.writeFile(path, file.text, file.path);
    }
    done.push(isAgreed ? file : { ...file, effect: "kept" });
  }
  return done;
}

/** `--yes` agrees to what loses nothing. */
async function mayWrite({ path, effect }: PlannedFile, flags: InitFlags, workspace: Workspace): Promise<boolean> {
  if (effect === "added") {
    const change = path === PROJECT_FILE ? `Change ${path}?` : `Add to ${path}? Nothing in it is removed.`;
    return workspace.confirm(change);
  }
  if (effect !== "replaced" || flags.force === true) return true;
  return flags.yes === true ? false : workspace.confirm(`Replace ${path}? Your changes in it are lost.`);
}

function sayNext(workspace: Workspace, handler: Framework | undefined, plan: InitPlan, appsPort: number): void {
  const enter = plan.handlerFolder === "" ? [] : [`cd ${shellWord(plan.handlerFolder)}`];
  const listen = `bluum-hooks listen${workspace.env["BLUUM_ENV"] === "emulator" ? "" : " --env emulator"} --trigger order`;
  const lines = (...commands: string[]) => commands.map((line) => `  ${line}`).join("\n");
  // A secret that is set already applies to both terminals, and is not replaced.
  const isSet = (workspace.env["BLUUM_WEBHOOK_SECRET"] ?? "") !== "";
  const secret = isSet ? [] : ["export BLUUM_WEBHOOK_SECRET=whsec_dGhpcyBpcyBhIHRlc3Q="];
  // The examples serve what they have stored.
  const check = `bluum-hooks check${handler === undefined ? "" : ` --state http://localhost:${appsPort}/state`}`;
  const start = handler === undefined ? ["…start your app"] : [...enter, ...handler.commands(appsPort)];
  workspace.say(`\nNext, in one terminal:\n${lines(...secret, ...start)}`);
  workspace.say(`and in another one:\n${lines(...secret, check, listen)}`);
  if (handler === undefined) workspace.say("For a handler to copy from: bluum-hooks init --handler");
}
