// The main file of the agent that runs a tunnel program. It is a process of its own so that the program ends when the
// main process does, even if that is killed.
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { FromAgent, ProgramFailure, ProgramRequest, ToAgent } from "./agent-messages.ts";
import { lineSplitter } from "./lines.ts";
import { signalGroup } from "./process-group.ts";

/** How long output may take to arrive after the program has exited, or after a line that is not its last. */
const OUTPUT_MS = 250;
const MAX_OUTPUT = 4_000;

// Ctrl-C and a closed terminal signal every process of the terminal. The parent decides when to stop: it must restore
// a webhook before the tunnel closes.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
process.on("SIGTERM", leave);
// The parent has exited or crashed, or gives up this agent.
process.on("disconnect", leave);
if (!process.connected) leave();

let program: ChildProcess | undefined;
let output = "";
let isDecided = false;
let isClosing = false;

process.on("message", (message: ToAgent<ProgramRequest>) => {
  switch (message.type) {
    case "open":
      start(message.request, message.request.commands);
      break;
    case "close":
      close();
      break;
    default:
      message satisfies never;
  }
});

/** Starts the first command that exists. */
function start(request: ProgramRequest, [command = "", ...others]: readonly string[]): void {
  const child = spawn(command, request.args, {
    shell: request.isShell,
    // A group of its own: Ctrl-C does not reach it, and everything that it starts ends with it.
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: request.env,
  });
  child.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && others.length > 0) start(request, others);
    else fail({ kind: "unstartable", code: error.code ?? error.message });
  });
  child.once("spawn", () => {
    program = child;
    send({ type: "started", ...(child.pid === undefined ? {} : { programPid: child.pid }) });
    send({ type: "authenticated" });
    setTimeout(() => fail({ kind: "no-url" }), request.urlMs).unref();
  });
  const read = reader(request);
  readLines(child.stdout, read);
  readLines(child.stderr, read);
  child.once("exit", (exitCode) => {
    if (isClosing) return finish();
    // The parent learns of the end of an open tunnel by the end of this process.
    if (isDecided) leave();
    setTimeout(() => fail({ kind: "exited", exitCode }), OUTPUT_MS);
    child.once("close", () => fail({ kind: "exited", exitCode }));
  });
}

function readLines(stream: Readable, read: (line: string) => void): void {
  const { push, end } = lineSplitter(read);
  stream.setEncoding("utf8").on("data", push).on("end", end);
}

/** Reads lines until the tunnel is open, and then watches for signs of trouble. */
function reader(request: ProgramRequest): (line: string) => void {
  const pattern = (source: string | null) => (source === null ? undefined : new RegExp(source, "i"));
  const [urlOf, ready, blocked, doubtful] = [request.url, request.ready, request.blocked, request.doubtful].map(
    pattern,
  );
  let url: string | undefined;
  let isReady = ready === undefined;
  return (line) => {
    if (isDecided && doubtful === undefined) return;
    const text = plain(line);
    if (isDecided) {
      if (doubtful?.test(text) === true) send({ type: "heartbeat", isMissed: true });
      return;
    }
    output = `${output}${text}\n`.slice(-MAX_OUTPUT);
    url ??= urlOf?.exec(text)?.[1];
    isReady ||= ready?.test(text) === true;
    if (url !== undefined && isReady) {
      isDecided = true;
      send({ type: "bound", url: new URL(url).origin });
    } else if (blocked?.test(text) === true) {
      setTimeout(() => fail({ kind: "blocked" }), OUTPUT_MS);
    }
  };
}

/** A line without colors and other control characters. */
function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex -- they are removed
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u001f\u007f-\u009f]/g, "").trim();
}

function fail(failure: ProgramFailure): void {
  if (isDecided) return;
  isDecided = true;
  send({ type: "failed", stage: failure.kind === "unstartable" ? "start" : "bind", text: output, program: failure });
}

/** Asks the program to end. The parent kills this process if that takes too long. */
function close(): void {
  isClosing = true;
  if (hasEnded()) return finish();
  signalProgram("SIGINT");
}

function finish(): void {
  send({ type: "closed" });
}

function signalProgram(signal: NodeJS.Signals): void {
  if (program?.pid !== undefined) signalGroup(program.pid, signal);
}

function send(message: FromAgent): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

/** Ends the program, then this process. */
function leave(): void {
  isDecided = true;
  signalProgram("SIGKILL");
  if (hasEnded()) exit();
  else program?.once("exit", exit);
}

function hasEnded(): boolean {
  return program === undefined || program.exitCode !== null || program.signalCode !== null;
}

function exit(): never {
  // oxlint-disable-next-line unicorn/no-process-exit -- this is a program's main file
  process.exit();
}
