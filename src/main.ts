import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Protocol } from "./mcp/protocol.ts";
import { unwritable } from "./platform/unwritable.ts";

/** Defined here, because the code below waits for the end of the program, and a second Ctrl-C may come before that. */
const SAME_WISH_MS = 500;
/** How long an agent's program may take to ask something. Nobody asks if the command line is wrong. */
const ANSWER_MS = 200;

void start();

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return text;
}

/** An agent's program waits for its first answer, which does not need the rest of this program. */
async function answerAgent(): Promise<Protocol> {
  const { openProtocol } = await import("./mcp/protocol.ts");
  const protocol = openProtocol({ input: process.stdin, output: process.stdout, version: version() });
  await Promise.race([protocol.answered, protocol.ended, delay(ANSWER_MS)]);
  return protocol;
}

async function start(): Promise<void> {
  const protocol = process.argv[2] === "mcp" ? await answerAgent() : undefined;
  const [{ runCli, reportLateFailure }, { createContext }, { AppError, Interrupted }] = await Promise.all([
    import("./cli.ts"),
    import("./wiring.ts"),
    import("./core/errors.ts"),
  ]);
  const stop = new AbortController();
  let advice: string | undefined;
  let firstAt = 0;
  const interrupt = (name: string, exitCode: number) => {
    if (!stop.signal.aborted) {
      firstAt = performance.now();
      stop.abort(new Interrupted(name, exitCode));
      return;
    }
    // npm and other runners forward the Ctrl-C that the terminal has sent to this process as well: both are one
    // request.
    if (performance.now() - firstAt < SAME_WISH_MS) return;
    if (advice !== undefined) context.stderr.write(`\n${advice}\n`);
    context.stderr.hurry?.();
    process.exit(exitCode); // oxlint-disable-line unicorn/no-process-exit -- the one place where the process ends
  };
  process.on("SIGINT", () => interrupt("SIGINT", 130));
  process.on("SIGTERM", () => interrupt("SIGTERM", 143));
  process.on("SIGHUP", () => interrupt("SIGHUP", 129));
  process.once("disconnect", () => interrupt("disconnect", 143));
  let outputFault: string | undefined;
  let outputExitCode = 0;
  const onOutputError = (name: string, error: NodeJS.ErrnoException) => {
    // If the reader has closed the pipe (`| head`), the work is done. Every other error, such as a full disk, is a
    // failure.
    const isFault = error.code !== "EPIPE";
    if (isFault) outputFault ??= unwritable(name, error);
    outputExitCode = isFault ? 1 : 141;
    if (!stop.signal.aborted) interrupt(isFault ? "output" : "SIGPIPE", outputExitCode);
  };
  process.stdout.on("error", (error) => onOutputError("standard output", error));
  process.stderr.on("error", (error) => onOutputError("standard error", error));
  const context = createContext({
    process,
    version: version(),
    signal: stop.signal,
    protocol,
    onForcedExit: (text) => {
      advice = text;
    },
    onParentGone: () => interrupt("parent_exited", 143),
  });
  const argv = process.argv.slice(2);
  const late: Promise<number>[] = [];
  // After an unhandled error the webhook is still restored; once that has begun, the error is only reported.
  process.on("uncaughtException", (error) => {
    if (stop.signal.aborted) late.push(reportLateFailure(error, argv, context));
    else stop.abort(error);
  });
  process.exitCode = await runCli(argv, context);
  for (const exitCode of late) process.exitCode = await exitCode;
  // Handles that a library keeps open must not keep a finished command alive; pending output is written first.
  const flushed = async () => {
    await Promise.all([context.stdout, context.stderr].map(async ({ backlog }) => backlog?.flushed(stop.signal)));
  };
  await flushed();
  if (outputFault !== undefined) {
    await reportLateFailure(new AppError("output_unwritable", outputFault), argv, context);
    await flushed();
  }
  if (process.exitCode === 0) process.exitCode = outputExitCode;
  process.exit(); // oxlint-disable-line unicorn/no-process-exit -- the one place where the process ends
}
