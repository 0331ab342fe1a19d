import { type Command, CommanderError, Option } from "commander";
import { guardContext } from "./commands/shared/guarded-context.ts";
import { COMMANDS } from "./commands/index.ts";
import { addHelp, flagsTopic, HELP_LAYOUT, helpFooter } from "./commands/shared/help.ts";
import { accountId, filePath, idText, investorId } from "./commands/shared/parse.ts";
import { commandPath, ProgramCommand, unknownCommand } from "./commands/shared/program-command.ts";
import { ENVIRONMENTS } from "./core/environments.ts";
import { AppError, EXIT, Interrupted } from "./core/errors.ts";
import { withoutCredentials } from "./core/urls.ts";
import type { Context } from "./context.ts";

/** Runs one command line and returns the exit code; errors have been printed on stderr. */
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
    if (isFlagsTopic(argv)) {
      context.stdout.write(flagsTopic(program));
      return EXIT.done;
    }
    if (isVersionDocument(argv)) {
      context.stdout.write(`${JSON.stringify(await versionDocument(context))}\n`);
      return EXIT.done;
    }
    await program.parseAsync(asHelpFlag(argv, program), { from: "user" });
    return exitCode;
  } catch (error) {
    // A group without a subcommand prints its help.
    if (error instanceof CommanderError && error.code === "commander.help" && error.exitCode !== 0) {
      context.stderr.write(usage);
      return EXIT.usage;
    }
    return report(error, argv, context, running && `${commandPath(running)} --help`);
  }
}

function isFlagsTopic(argv: readonly string[]): boolean {
  const words = argv.filter((word) => !word.startsWith("-"));
  return words[0] === "help" && words[1] === "flags";
}

/** `--version --json`: what a report of a bug should contain. */
function isVersionDocument(argv: readonly string[]): boolean {
  const isVersion = (word: string) => word === "--version" || word === "-V";
  return argv.includes("--json") && argv.some(isVersion) && argv.every((word) => isVersion(word) || word === "--json");
}

async function versionDocument(context: Context) {
  const { version, nodeVersion, platform } = context;
  return {
    version,
    node: nodeVersion,
    platform: platform.os,
    arch: platform.arch,
    storeDriver: (await context.storeDriver()) ?? null,
  };
}

/**
 * Converts `help trigger order` and `trigger help order` to `trigger order --help`. Commander itself resolves only
 * one word. Throws `invalid_usage` for an unknown one.
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

/** Builds the commander program. Only the commands on the command line are loaded; others have a name and a summary. */
export async function buildProgram(
  argv: readonly string[],
  context: Context,
  hear: { exitWith: (code: number) => void; complain: (text: string) => void },
): Promise<Command> {
  const program = new ProgramCommand("bluum-hooks")
    .description("receive, verify, inspect and replay Bluum webhooks on your machine")
    .optionsGroup("Other flags:")
    .version(context.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show the help of a command")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError()
    .configureHelp(HELP_LAYOUT)
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: hear.complain })
    .exitOverride()
    .addHelpText("afterAll", ({ command }) => helpFooter(command));
  addHelp(program, { examples: ROOT_EXAMPLES });
  for (const option of globalOptions()) program.addOption(option);
  for (const { name, summary, group, load } of COMMANDS) {
    const command = program.command(name).description(summary).helpGroup(group).copyInheritedSettings(program);
    if (!argv.includes(name)) continue;
    (await load()).define(command, { context, argv, setExitCode: hear.exitWith, run: runCli });
  }
  return program;
}

const ROOT_EXAMPLES = `  $ bluum-hooks demo
  $ bluum-hooks login
  $ bluum-hooks listen --forward-to 3000
  $ bluum-hooks trigger order --wait
  $ bluum-hooks events replay --failed
`;

function globalOptions(): Option[] {
  const api = [
    new Option("--env <name>", "environment (default sandbox) [BLUUM_ENV]").choices(ENVIRONMENTS),
    new Option("--base-url <url>", "base URL of the API (default: that of the environment) [BLUUM_BASE_URL]"),
    new Option("--investor <id>", "owner of orders and transfers, current API [BLUUM_INVESTOR_ID]").argParser(
      investorId,
    ),
    new Option("--account <uuid>", "owner of orders and transfers, legacy API [BLUUM_ACCOUNT_ID]").argParser(accountId),
    new Option(
      "--webhook <id>",
      "webhook to use (default: the one last used on this machine) [BLUUM_WEBHOOK_ID]",
    ).argParser(idText),
    new Option("--env-file <path>", "read environment variables from a file; variables already set win").argParser(
      filePath,
    ),
  ];
  const output = [
    new Option("--json", "print JSON: one document, or one record per line"),
    new Option("-q, --quiet", "print only the result"),
    new Option("--verbose", "print headers and payloads too"),
    new Option("--color <when>", "colored output (default auto)").choices(["auto", "always", "never"]),
    new Option("--debug", "print API calls and stack traces, without secrets"),
  ];
  return [
    ...api.map((option) => option.helpGroup("API flags:")),
    ...output.map((option) => option.helpGroup("Output flags:")),
    new Option("-y, --yes", "answer yes to every question"),
  ];
}

/** Prints an error that occurred after a command ended. Returns its exit code. */
export function reportLateFailure(thrown: unknown, argv: readonly string[], outside: Context): Promise<number> {
  return report(thrown, argv, guardContext(outside));
}

/**
 * Prints an error on stderr, unless the user has interrupted the program. Returns its exit code. A usage error also
 * names the help of its command.
 */
async function report(thrown: unknown, argv: readonly string[], context: Context, help?: string): Promise<number> {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.done;
  const error = unwrap(thrown);
  if (error instanceof Interrupted) return error.exitCode;
  const reported = error instanceof AppError ? error : asAppError(error);
  const { renderError } = await import("./output/live/error.ts");
  const { useColor } = await import("./output/color.ts");
  const json = isJson(argv);
  const color = useColor({ choice: colorFlag(argv), env: context.env, isTTY: context.stderr.isTTY });
  const { isTTY, columns } = context.stderr;
  const style = {
    json,
    color,
    ...(isTTY ? { width: columns } : {}),
    ...(reported.code === "invalid_usage" && reported.hint?.includes("--help") !== true ? { help } : {}),
  };
  context.stderr.write(renderError(reported, style));
  if (argv.includes("--debug") && error instanceof Error) {
    const { inspect } = await import("node:util");
    context.stderr.write(`${inspect(error instanceof CommanderError ? reported : error, { depth: 4 })}\n`);
  }
  return reported.exitCode;
}

/** An error during cleanup wraps the one before it; the newer one contains what the user must still do. */
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
  return new AppError("internal", `internal error: ${message}`, {
    hint: "Report this bug with the output of the same command and --debug.",
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
