import type { Argument, Command, Option } from "commander";
import { expect, it } from "vitest";
import { buildProgram } from "../../src/cli.ts";
import { COMMANDS } from "../../src/commands/index.ts";
import { createContext } from "../../src/wiring.ts";
import { runInProcess } from "../support/in-process.ts";

const context = createContext({
  process,
  version: "0.0.0-test",
  signal: new AbortController().signal,
  onForcedExit: () => {},
});
const names = COMMANDS.map(({ name }) => name);
const program = await buildProgram(names, context, { exitWith: () => {}, complain: () => {} });

/** Every command with its words; empty for the program itself. */
function everyCommand(
  command: Command,
  words: readonly string[] = [],
): { words: readonly string[]; command: Command }[] {
  const below = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== "help");
  return [{ words, command }, ...below.flatMap((each) => everyCommand(each, [...words, each.name()]))];
}

const commands = everyCommand(program);

/** Texts of any format, or values that are validated together with others before anything is sent or changed. */
const CHECKED_LATER = new Set([
  // A file: it is checked when it is used.
  "[file]",
  // Validated with the environment, the stored settings or the format of the payload.
  "--base-url",
  "--data",
  "<name>",
  "[value...]",
  // A URL whose credentials must not be shown in an error; another program's arguments.
  "[url]",
  "<command...>",
]);

it("every value is validated where it is entered, or there is a reason not to", () => {
  const named = (argument: Argument) => {
    const name = argument.name() + (argument.variadic ? "..." : "");
    return argument.required ? `<${name}>` : `[${name}]`;
  };
  const unchecked = commands.flatMap(({ words, command }) => [
    ...command.options
      .filter((option: Option) => (option.required || option.optional) && option.parseArg === undefined)
      .map((option) => [...words, option.long ?? option.flags]),
    ...command.registeredArguments
      .filter((argument) => argument.parseArg === undefined)
      .map((argument) => [...words, named(argument)]),
  ]);
  expect(
    unchecked.filter((words) => !CHECKED_LATER.has(words.at(-1) ?? "")),
    "give each value a parser of src/commands/shared/parse.ts",
  ).toStrictEqual([]);
});

it("every usage error names the help of its command", async () => {
  for (const { words, command } of commands) {
    const path = ["bluum-hooks", ...words].join(" ");
    const needed = path === "bluum-hooks events prune" ? ["--older-than", "1d"] : [];
    const { code, error } = await runInProcess([...words, ...needed, "--no-such-flag", "--json"], {});
    expect([path, code, error?.code]).toStrictEqual([path, 2, "invalid_usage"]);
    expect(error?.message).toBe("unknown flag --no-such-flag");
    const runner = command.commands.find((each) => isDefault(command, each));
    expect(error?.hint).toMatch(new RegExp(`See: ${runner === undefined ? path : `${path} ${runner.name()}`} --help$`));
  }
});

it.each([
  [
    ["events", "lst"],
    'unknown command "events lst"',
    "Did you mean list? List the commands with: bluum-hooks events --help",
  ],
  [
    ["webhooks", "lst"],
    'unknown command "webhooks lst"',
    "Did you mean list? List the commands with: bluum-hooks webhooks --help",
  ],
  [
    ["config", "gte"],
    'unknown command "config gte"',
    "Did you mean get? List the commands with: bluum-hooks config --help",
  ],
  [
    ["trigger", "ordr", "--wait"],
    'unknown command "trigger ordr"',
    "Did you mean order? List the commands with: bluum-hooks trigger --help",
  ],
  [
    ["lisen", "--forward-to", "3000"],
    'unknown command "lisen"',
    "Did you mean listen? List the commands with: bluum-hooks --help",
  ],
  [["Listen"], 'unknown command "Listen"', "Did you mean listen? List the commands with: bluum-hooks --help"],
  [["help", "lisen"], 'unknown command "lisen"', "Did you mean listen? List the commands with: bluum-hooks --help"],
  [
    ["help", "events", "lst"],
    'unknown command "events lst"',
    "Did you mean list? List the commands with: bluum-hooks events --help",
  ],
  [["events", "zzz"], 'unknown command "events zzz"', "List the commands with: bluum-hooks events --help"],
  [["events", "list", "zzz"], 'unexpected argument "zzz"', "See: bluum-hooks events list --help"],
  [["doctor", "zzz"], 'unexpected argument "zzz"', "See: bluum-hooks doctor --help"],
  [["events", "show"], "<id> is missing", "See: bluum-hooks events show --help"],
  [["events", "prune"], "--older-than is missing", "See: bluum-hooks events prune --help"],
  [["events", "list", "--since"], "--since requires a value", "See: bluum-hooks events list --help"],
  [["listen", "--tunel", "none"], "unknown flag --tunel", "Did you mean --tunnel? See: bluum-hooks listen --help"],
  [
    ["trigger", "deposit", "--amount", "abc"],
    'invalid --amount "abc": must be a positive decimal',
    "See: bluum-hooks trigger deposit --help",
  ],
  [
    ["trigger", "event", "a b"],
    'invalid <name> "a b": must be an event name, such as order.filled',
    "See: bluum-hooks trigger event --help",
  ],
  [
    ["--color", "red", "doctor"],
    'invalid --color "red": must be auto, always or never',
    "See: bluum-hooks doctor --help",
  ],
  [
    ["--env", "emulator", "trigger", "order", "--investor", "abc"],
    'invalid --investor "abc": must be an investor ID such as inv_01j9x2k4',
    "See: bluum-hooks trigger order --help",
  ],
  [
    ["trigger", "event", "x", "--stale", "--unsigned"],
    "--unsigned cannot be used with --stale",
    "See: bluum-hooks trigger event --help",
  ],
  [
    ["trigger", "order", "--qty", "' is invalid. x"],
    `invalid --qty "' is invalid. x": must be a positive decimal`,
    "See: bluum-hooks trigger order --help",
  ],
  [
    ["register", "http://me:hunter22@host/"],
    'invalid <url> "…@host/": must not contain credentials',
    "See: bluum-hooks register --help",
  ],
])("%j has the same form of message as every other mistake", async (args, message, hint) => {
  const end = await runInProcess([...args, "--json"], {});
  expect(end).toMatchObject({ code: 2, stdout: "", error: { code: "invalid_usage", message, hint } });
});

it("a usage error that a command finds itself names its help as well", async () => {
  const json = await runInProcess(["check", "--json"], {});
  expect(json.error).toMatchObject({ code: "invalid_usage", help: "bluum-hooks check --help" });
  const { stderr } = await runInProcess(["check"], {});
  expect(stderr).toContain("\n  help: bluum-hooks check --help\n");
});

it("a value that is very long, or has control characters, is shown shortened and cleaned", async () => {
  const { stderr } = await runInProcess(["events", "list", "--limit", `\u001b[2J\u202e${"x".repeat(10_000)}`], {});
  expect(stderr.length).toBeLessThan(400);
  // oxlint-disable-next-line no-control-regex -- control characters are searched for
  expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
});

function isDefault(group: Command, command: Command): boolean {
  return "_defaultCommandName" in group && group._defaultCommandName === command.name();
}

it.each([
  ["listen", "--until", "order.filld", "order.filled"],
  ["listen", "--until", "ordr.*", "order.*"],
  ["trigger order", "--wait", "ORDER.FILLED", "order.filled"],
  ["trigger deposit", "--wait", "transfer.deposit.complete", "transfer.deposit.completed"],
])("%s %s %s is refused, because the event would never arrive", async (command, flag, name, meant) => {
  const { code, error } = await runInProcess([...command.split(" "), flag, name, "--json"], {});
  expect([code, error?.code]).toStrictEqual([2, "invalid_usage"]);
  expect(error?.message).toBe(`invalid ${flag} "${name}": must be an event that can arrive; did you mean ${meant}?`);
});

it("several --forward-to are refused, and none is ignored", async () => {
  const { code, error } = await runInProcess(["listen", "--forward-to", "3000", "--forward-to", "4000", "--json"], {});
  expect([code, error?.code]).toStrictEqual([2, "invalid_usage"]);
  expect(error?.message).toBe('invalid --forward-to "4000": must be given only once');
});

it.each([
  ["listen --domain", ["", "a b", "../..", "http://x.example", "-1"]],
  ["listen --forward-to", ["-1", "../..", "1,2", "x".repeat(300)]],
  ["listen --ready-file", ["", " ", "a\u0000b"]],
  ["check http://127.0.0.1:1/ --state", ["", " "]],
  ["trigger order --symbol", ["", "-1", "../..", "注文", "x".repeat(40)]],
  ["trigger event x --rate", ["0", "1e3", "9".repeat(30)]],
  ["--env-file", ["", "\u0000"]],
])("%s rejects invalid values", async (command, values) => {
  for (const value of values) {
    const words = command.split(" ");
    const end = await runInProcess([...words.slice(0, -1), `${words.at(-1)}=${value}`, "--json"], {});
    expect([value, end.code, end.error?.code]).toStrictEqual([value, 2, "invalid_usage"]);
    expect(end.error?.message).toMatch(/^invalid --[a-z-]+ "/);
  }
});
