import { type Command, CommanderError, Option } from "commander";
import { guardContext } from "./commands/shared/guarded-context.ts";
import { COMMANDS } from "./commands/index.ts";
import { accountId, filePath, idText, investorId } from "./commands/shared/parse.ts";
import { commandPath, ProgramCommand, unknownCommand } from "./commands/shared/program-command.ts";
import { ENVIRONMENTS } from "./core/environments.ts";
import { AppError, EXIT, Interrupted } from "./core/errors.ts";
import { withoutCredentials } from "./core/urls.ts";
import type { Context } from "./context.ts";

/** Runs one command line. Returns the exit code; whatever goes wrong has been told on stderr by then. */
export async function runCli(argv: readonly string[], outside: Context): Promise<number> {
  const context = guardContext(outside);
  try {
    return await run(argv, context);
  } finally {
    context.flush();
  }
}

async function run(argv: readonly string[], context: Context): Promise<number> {
  let exitCode = 0;
  let usage = "";
  let running: Command | undefined;
  try {
    const program = await buildProgram(argv, context, {
      exitWith: (code) => (exitCode = code),
      complain: (text) => (usage += text),
    });
    program.hook("preAction", (_program, command) => void (running = command));
    await program.parseAsync(asHelpFlag(argv, program), { from: "user" });
    return exitCode;
  } catch (error) {
    // A command that only groups others was called alone: its help is the answer.
    if (error instanceof CommanderError && error.code === "commander.help" && error.exitCode !== 0) {
      context.stderr.write(usage);
      return EXIT.usage;
    }
    return report(error, argv, context, running && `${commandPath(running)} --help`);
  }
}

/**
 * `help trigger order` and `trigger help order` as `trigger order --help`. Commander itself looks only one word deep, and
 * shows the help of what is above where a word names nothing. Throws `invalid_usage` for such a word.
 */
function asHelpFlag(argv: readonly string[], program: Command): string[] {
  const at = argv.slice(0, 2).indexOf("help");
  const within = (group: Command, name: string) => group.commands.find((each) => each.name() === name);
  if (at === -1 || (at === 1 && !within(program, argv[0] ?? "")?.commands.length)) return [...argv];
  const words = argv.filter((word, index) => index !== at && word !== "help");
  let command = program;
  for (const word of words.filter((each) => !each.startsWith("-"))) {
    if (command.commands.length === 0) break;
    const next = within(command, word);
    if (next === undefined) throw unknownCommand(command, word);
    command = next;
  }
  return [...words, "--help"];
}

/** The commander program. Only the commands named on the command line are loaded; the others are names and summaries. */
export async function buildProgram(
  argv: readonly string[],
  context: Context,
  hear: { exitWith: (code: number) => void; complain: (text: string) => void },
): Promise<Command> {
  const program = new ProgramCommand("bluum-hooks")
    .description("Receive, verify, inspect and promote Bluum Finance webhooks from your own machine.")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help, with examples")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: 80, showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: hear.complain })
    .exitOverride()
    .addHelpText("after", ROOT_EXAMPLES);
  for (const option of globalOptions()) program.addOption(option);
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).summary(summary).description(summary).copyInheritedSettings(program);
    if (!argv.includes(name)) continue;
    (await load()).define(command, { context, argv, setExitCode: hear.exitWith });
  }
  return program;
}

const ROOT_EXAMPLES = `
Examples:
  $ bluum-hooks demo                        two signed events, with no account
  $ bluum-hooks listen --forward-to 3000    hand events to your app
  $ bluum-hooks trigger order --wait        buy 1 AAPL, and see its events
  $ bluum-hooks events replay --failed      again, what your app did not take
  $ bluum-hooks check http://localhost:3000/webhooks/bluum
`;

function globalOptions(): Option[] {
  return [
    new Option("--env <name>", "sandbox (default), production or emulator").choices(ENVIRONMENTS),
    new Option("--base-url <url>", "base URL of the API, instead of the environment's"),
    new Option("--investor <id>", "investor who owns orders and transfers (current API)").argParser(investorId),
    new Option("--account <uuid>", "account that owns orders and transfers (legacy API)").argParser(accountId),
    new Option("--webhook <id>", "the webhook to work on").argParser(idText),
    new Option("--env-file <path>", "read further environment variables from a file").argParser(filePath),
    new Option("--json", "print JSON only: a document, or a record per line"),
    new Option("-y, --yes", "answer every question with yes"),
    new Option("-q, --quiet", "say only what was asked for"),
    new Option("--verbose", "show headers and payloads"),
    new Option("--color <when>", "auto (default), always or never").choices(["auto", "always", "never"]),
    new Option("--debug", "show API calls and stack traces, without secrets"),
  ];
}

/** Says on stderr what went wrong after a command had ended. Returns the exit code for it. */
export function reportLateFailure(thrown: unknown, argv: readonly string[], outside: Context): Promise<number> {
  return report(thrown, argv, guardContext(outside));
}

/**
 * Says on stderr what went wrong, unless the user has only ended the program. Returns the exit code for it. A usage error
 * names the help of its command as well.
 */
async function report(thrown: unknown, argv: readonly string[], context: Context, help?: string): Promise<number> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
  const error = unwrap(thrown);
  if (error instanceof Interrupted) return error.exitCode;
  const told = error instanceof AppError ? error : asAppError(error);
  const { renderError } = await import("./output/live/error.ts");
  const { useColor } = await import("./output/color.ts");
  const json = isJson(argv);
  const color = useColor({ choice: colorFlag(argv), env: context.env, isTTY: context.stderr.isTTY });
  const { isTTY, columns } = context.stderr;
  const style = {
    json,
    color,
    ...(isTTY ? { width: columns } : {}),
    ...(told.code === "invalid_usage" && told.hint?.includes("--help") !== true ? { help } : {}),
  };
  context.stderr.write(renderError(told, style));
  if (argv.includes("--debug") && error instanceof Error) {
    const { inspect } = await import("node:util");
    context.stderr.write(`${inspect(error instanceof CommanderError ? told : error, { depth: 4 })}\n`);
  }
  return told.exitCode;
}

/** An error while cleaning up comes with the one that led there; the newer one says what the user must still do. */
function unwrap(thrown: unknown): unknown {
  if (thrown instanceof Error && thrown.name === "SuppressedError" && "error" in thrown && "suppressed" in thrown) {
    const cleanup = unwrap(thrown.error);
    return cleanup instanceof AppError ? cleanup : unwrap(thrown.suppressed);
  }
  return thrown;
}

function asAppError(error: unknown): AppError {
  if (error instanceof CommanderError) {
    return new AppError("invalid_usage", withoutCredentials(error.message.replace(/^error: /, "")), {
      hint: "See: bluum-hooks --help",
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new AppError("internal", `this should not have happened: ${message}`, {
    hint: "Please report it, with the output of the same command and --debug.",
    cause: error,
  });
}

function isJson(argv: readonly string[]): boolean {
  return argv.slice(0, endOfFlags(argv)).includes("--json");
}

function endOfFlags(argv: readonly string[]): number {
  const end = argv.indexOf("--");
  return end === -1 ? argv.length : end;
}

function colorFlag(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--color");
  return at === -1 ? argv.find((each) => each.startsWith("--color="))?.slice("--color=".length) : argv[at + 1];
}
