// The entry point of the process. The version and the help do not load the program: the help of every command is
// rendered at build time.
import { fstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unwritable } from "./platform/unwritable.ts";

const answer = answerTo(process.argv.slice(2));
// In the built program.
if (answer === undefined) require(join(__dirname, "main.cjs"));
else print(answer);

function answerTo(argv: readonly string[]): string | undefined {
  const [first, ...others] = argv;
  if (others.length === 0 && (first === "--version" || first === "-V")) return `${version()}\n`;
  const path = helpPath(argv);
  if (path === undefined || !path.every((word) => /^[a-z][a-z-]*$/.test(word))) return undefined;
  try {
    return readFileSync(join(__dirname, "help", `${["bluum-hooks", ...path].join(".")}.txt`), "utf8");
  } catch {
    // An unknown command: the program reports the error.
    return undefined;
  }
}

/** The words of the command whose help is requested: `trigger order --help`, `help trigger order`. */
function helpPath(argv: readonly string[]): readonly string[] | undefined {
  const last = argv.at(-1);
  if (last === undefined || last === "--help" || last === "-h") return argv.slice(0, -1);
  return argv[0] === "help" ? argv.slice(1) : undefined;
}

function version(): string {
  const file = readFileSync(join(__dirname, "../package.json"), "utf8");
  return (JSON.parse(file) as { version: string }).version;
}

/** Prints without the program's sinks, which would have to be loaded. */
function print(text: string): void {
  const failed = (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === "EPIPE" ? 141 : 1;
    if (error.code !== "EPIPE") process.stderr.write(`error: ${unwritable("standard output", error)}\n`);
  };
  try {
    // Node itself would treat a write that a full disk truncates as complete.
    if (fstatSync(process.stdout.fd).isFile()) return writeFileSync(process.stdout.fd, text);
  } catch (error) {
    return failed(error as NodeJS.ErrnoException);
  }
  process.stdout.on("error", failed);
  process.stdout.write(text);
}
