import { readFileSync } from "node:fs";

/** Here, because what stands below waits for the end of the program, and a second Ctrl-C comes before that. */
const SAME_WISH_MS = 500;

// The two calls that everybody makes first need nothing of the program.
const [only, ...more] = process.argv.slice(2);
if (more.length === 0 && (only === "--version" || only === "-V")) process.stdout.write(`${version()}\n`);
else if (more.length === 0 && (only === undefined || only === "--help" || only === "-h") && printRenderedHelp()) {
  // `dist/help.txt` was rendered by the same program when it was built.
} else await start();

function version(): string {
  const { version: text } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return text;
}

function printRenderedHelp(): boolean {
  try {
    process.stdout.write(readFileSync(new URL("help.txt", import.meta.url), "utf8"));
    return true;
  } catch {
    return false;
  }
}

async function start(): Promise<void> {
  const [{ runCli, reportLateFailure }, { createContext }, { Interrupted }] = await Promise.all([
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
    // npm and other runners hand on the Ctrl-C that the terminal has sent to us as well: that is one wish, not two.
    if (performance.now() - firstAt < SAME_WISH_MS) return;
    if (advice !== undefined) context.stderr.write(`\n${advice}\n`);
    context.stderr.hurry?.();
    process.exit(exitCode); // oxlint-disable-line unicorn/no-process-exit -- the one place where the process ends
  };
  process.on("SIGINT", () => interrupt("SIGINT", 130));
  process.on("SIGTERM", () => interrupt("SIGTERM", 143));
  process.on("SIGHUP", () => interrupt("SIGHUP", 129));
  process.once("disconnect", () => interrupt("disconnect", 143));
  // The reader went away (`| head`, a closed terminal): the end of the work, not a fault.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      if (!stop.signal.aborted) interrupt("SIGPIPE", 141);
    });
  }
  const context = createContext({
    process,
    version: version(),
    signal: stop.signal,
    onHastyExit: (text) => {
      advice = text;
    },
  });
  const argv = process.argv.slice(2);
  const late: Promise<number>[] = [];
  // Whatever was overlooked still puts the webhook back on its way out; once that has begun, it can only be told.
  process.on("uncaughtException", (error) => {
    if (stop.signal.aborted) late.push(reportLateFailure(error, argv, context));
    else stop.abort(error);
  });
  process.exitCode = await runCli(argv, context);
  for (const exitCode of late) process.exitCode = await exitCode;
  // Handles that a library keeps open shall not keep a finished command alive; what was printed goes out first.
  await Promise.all([context.stdout, context.stderr].map(async ({ backlog }) => backlog?.flushed(stop.signal)));
  process.exit(); // oxlint-disable-line unicorn/no-process-exit -- the one place where the process ends
}
