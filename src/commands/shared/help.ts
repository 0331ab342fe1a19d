import { type Command, Help, type HelpConfiguration, type Option } from "commander";
import { commandPath } from "./program-command.ts";

/** The help of a command besides its summary and flags. */
interface HelpText {
  /** Paragraphs, separated by empty lines. They are wrapped; an indented line stays unchanged. */
  readonly details?: string;
  /** Lines such as `$ bluum-hooks listen`, each indented by two spaces. */
  readonly examples?: string;
}

export function addHelp(command: Command, { details, examples }: HelpText): Command {
  const summary = command.summary() || command.description();
  if (details !== undefined) command.summary(summary).description(`${summary}\n\n${details}`);
  return examples === undefined ? command : command.addHelpText("after", `\nExamples:\n${examples.trimEnd()}`);
}

const HELP_WIDTH = 80;

/** The layout of GitHub's CLI: the purpose of the command, its usage, its own flags. Examples follow; see `addHelp`. */
export const HELP_LAYOUT: HelpConfiguration = {
  helpWidth: HELP_WIDTH,
  formatHelp: (command, help) => {
    const rows = help.visibleArguments(command).map((each) => [each.name(), help.argumentDescription(each)] as const);
    const flags = command.parent === null ? [] : command.options.filter(({ hidden }) => !hidden);
    return sections([
      help.boxWrap(sentence(help.commandDescription(command)), HELP_WIDTH),
      section("Usage:", [[usageOf(command), ""]], help),
      section("Arguments:", rows, help),
      ...commandGroups(command, help),
      ...flagGroups(flags, help),
    ]);
  },
  optionDescription,
};

/** The last lines of every help. */
export function helpFooter(command: Command): string {
  if (command.parent !== null) {
    return "\nUse `bluum-hooks help flags` to list the flags that every command accepts.";
  }
  return "\nUse `bluum-hooks <command> --help` for the help of a command.";
}

/** The help topic that explains the program's global flags. */
export function flagsTopic(program: Command): string {
  const help = Object.assign(new Help(), program.configureHelp());
  const options = help.visibleOptions(program);
  const [general = "", ...others] = new Set(options.map((option) => option.helpGroupHeading ?? ""));
  const optionsIn = (title: string) => options.filter(({ helpGroupHeading = "" }) => helpGroupHeading === title);
  return sections([
    "Flags that every command accepts",
    section("Usage:", [["bluum-hooks <command> [flags]", ""]], help),
    ...[...others, general].map((title) => section(title, flagRows(optionsIn(title), help), help)),
    help.boxWrap(FLAGS_DETAILS, HELP_WIDTH),
  ]);
}

const FLAGS_DETAILS = `A flag overrides its environment variable (in brackets), which overrides the bluum-hooks.json of the project, which overrides the saved setting: see bluum-hooks config. Flags can precede or follow the command.

There is no flag for a secret, because other users of this machine can read command lines. Save secrets with bluum-hooks login, or set BLUUM_API_KEY, BLUUM_API_SECRET, BLUUM_WEBHOOK_SECRET and NGROK_AUTHTOKEN.`;

type Row = readonly [term: string, description: string];

function commandGroups(command: Command, help: Help): string[] {
  const commands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const rowOf = (each: Command): Row => [each.name(), help.subcommandDescription(each)];
  const width = widest(commands.map(rowOf));
  const titleOf = (each: Command) => each.helpGroup() || "Commands:";
  const groups = [...new Set(commands.map(titleOf))].map((title) => {
    const rows = commands.filter((each) => titleOf(each) === title).map(rowOf);
    return section(title, rows, help, width);
  });
  const topics: Row[] = command.parent === null ? [["flags", "the flags that every command accepts"]] : [];
  return [...groups, section("Help topics:", topics, help, width)];
}

/** Flags under their headings, because a long list is read by task. */
function flagGroups(flags: readonly Option[], help: Help): string[] {
  const titleOf = ({ helpGroupHeading = "Flags:" }: Option) => helpGroupHeading;
  const width = widest(flagRows(flags, help));
  return [...new Set(flags.map(titleOf))].map((title) => {
    const rows = flagRows(
      flags.filter((flag) => titleOf(flag) === title),
      help,
    );
    return section(title, rows, help, width);
  });
}

function flagRows(options: readonly Option[], help: Help): Row[] {
  return options.map((option) => [help.optionTerm(option), help.optionDescription(option)]);
}

/** Choices and defaults are added if the description does not already name them. */
function optionDescription({ description, argChoices = [], defaultValue, defaultValueDescription }: Option): string {
  const [, main = "", notes = ""] = /^(.*?)( (?:\(default|\[).*)?$/.exec(description) ?? [];
  const isExplained = argChoices.every((choice) => description.includes(choice));
  const standard: unknown = defaultValueDescription ?? defaultValue;
  return [
    isExplained ? description : `${main}: {${argChoices.join("|")}}${notes}`,
    ...(typeof standard === "string" || typeof standard === "number" ? [`(default ${standard})`] : []),
  ].join(" ");
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? "..." : "");
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  const rest = command.commands.length > 0 && words.length === 0 ? ["<command>", "[flags]"] : [...words, "[flags]"];
  return [commandPath(command), ...rest].join(" ");
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function section(title: string, rows: readonly Row[], help: Help, width = widest(rows)): string {
  if (rows.length === 0) return "";
  return [title, ...rows.map(([term, description]) => help.formatItem(term, width, description, help))].join("\n");
}

function widest(rows: readonly Row[]): number {
  return Math.max(0, ...rows.map(([term]) => term.length));
}

function sections(texts: readonly string[]): string {
  return `${texts.filter((text) => text !== "").join("\n\n")}\n`;
}
