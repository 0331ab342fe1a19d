import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listenOnReopenedPort } from "./reopened-port.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

type Command = readonly [program: string, ...args: string[]];

/** An app from `examples/`, and what is needed to run it. */
export interface Example {
  /** Its folder. */
  readonly name: string;
  readonly title: string;
  /** The folder whose `node_modules` it uses; absent: it needs none. */
  readonly packages?: string;
  /** What this machine lacks to run it; empty if it can run. */
  readonly missing: string;
  /** Commands that build the app or create its tables. */
  readonly prepare?: readonly Command[];
  readonly start: (port: number) => Command;
  /** Starts an edited copy without `prepare`, if that takes long. */
  readonly startEdited?: (port: number) => Command;
}

/** A replacement of text that an example has exactly once. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** What every example returns at `/state`. */
export interface ExampleState {
  readonly processed: number;
  readonly orders: Readonly<Record<string, string>>;
  readonly transfers: Readonly<Record<string, string>>;
}

export interface RunningExample {
  /** The URL for deliveries. */
  readonly url: string;
  readonly stateUrl: string;
  readonly state: () => Promise<ExampleState>;
  /** Removed with the example. */
  readonly folder: string;
}

/**
 * Starts a copy of an example with an empty database, as a process of its own. `onTestFinished` is that of the test, which
 * then ends the example: concurrent tests each have their own.
 */
export async function startExample(
  example: Example,
  secret: string,
  onTestFinished: (end: () => Promise<void>) => void,
  edit?: Edit,
): Promise<RunningExample> {
  const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-example-"));
  copyTo(folder, example, edit);
  const unprepared = edit === undefined ? undefined : example.startEdited;
  const started = unprepared === undefined ? example : { ...example, prepare: [], start: unprepared };
  return startIn(folder, started, { secret, port: await freePort() }, onTestFinished);
}

/** Starts the example in a folder, which is removed when the test ends. */
export async function startIn(
  folder: string,
  example: Pick<Example, "title" | "prepare" | "start">,
  { secret, port }: { readonly secret: string; readonly port: number },
  onTestFinished: (end: () => Promise<void>) => void,
): Promise<RunningExample> {
  const running: Running[] = [];
  onTestFinished(async () => {
    for (const each of running) await each.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const env = { DATABASE: join(folder, "events.db"), BLUUM_WEBHOOK_SECRET: secret, PORT: String(port) };
  for (const command of example.prepare ?? []) {
    const step = run(command, folder, env);
    running.push(step);
    if ((await step.ended) !== 0) throw new Error(`${example.title}: ${command.join(" ")}: ${step.output()}`);
  }
  const app = run(example.start(port), folder, env);
  running.push(app);
  const origin = `http://127.0.0.1:${port}`;
  const stateUrl = `${origin}/state`;
  const hasEnded = app.ended.then(() => "ended" as const);
  while (!(await answers(stateUrl))) {
    const next = await Promise.race([hasEnded, setTimeout(50, "try again")]);
    if (next === "ended") throw new Error(`${example.title} ended first: ${app.output()}`);
  }
  return {
    url: `${origin}/webhooks/bluum`,
    stateUrl,
    state: async () => (await (await fetch(stateUrl)).json()) as ExampleState,
    folder,
  };
}

function copyTo(folder: string, { name, packages }: Example, edit: Edit | undefined): void {
  const isSource = (path: string) => !["node_modules", ".next", "dist", "__pycache__"].includes(basename(path));
  cpSync(join(ROOT, "examples", name), folder, { recursive: true, filter: isSource });
  if (packages !== undefined) linkPackages(folder, packages);
  if (edit !== undefined) apply(edit, folder);
}

/** In place of `npm install`. */
export function linkPackages(folder: string, packages: string): void {
  symlinkSync(join(ROOT, packages, "node_modules"), join(folder, "node_modules"));
}

function apply({ file, from, to }: Edit, folder: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} has this text not exactly once: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** Some frameworks do not print the port that they use. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnReopenedPort(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

interface Running {
  readonly ended: Promise<number | null>;
  readonly output: () => string;
  readonly end: () => Promise<void>;
}

function run([program, ...args]: Command, folder: string, own: Readonly<Record<string, string>>): Running {
  let output = "";
  const { PATH = "", HOME = folder } = process.env;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH, HOME, NEXT_TELEMETRY_DISABLED: "1", ...own },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that the processes that it starts end with it.
    detached: true,
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => {
    child.once("close", resolve);
    child.once("error", (error) => {
      output += error.message;
      resolve(null);
    });
  });
  const end = async () => {
    const isRunning = child.exitCode === null && child.signalCode === null;
    if (child.pid !== undefined && isRunning) process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  return { ended, output: () => output, end };
}

/** Whether the packages of a folder are installed. */
export function hasPackages(folder: string, ...names: readonly string[]): boolean {
  return names.every((name) => existsSync(join(ROOT, folder, "node_modules", name)));
}
