import { Command, type HelpContext } from "commander";
import { AppError } from "../../core/errors.ts";
import { invalidValue } from "../../core/invalid-value.ts";
import { likelyName } from "../../core/nearest.ts";

/** A command with this program's own usage errors: the invalid word, the rule, and the help of the command. */
export class ProgramCommand extends Command {
  override createCommand(name?: string): ProgramCommand {
    return new ProgramCommand(name);
  }

  /** A group without a subcommand prints its help; with `--json` that is an error. */
  override help(options?: HelpContext | ((text: string) => string)): never {
    if (typeof options === "object" && options.error && this.optsWithGlobals<{ json?: boolean }>().json === true) {
      throw new AppError("invalid_usage", "<command> is missing", {
        hint: `List the commands with: ${commandPath(this)} --help`,
      });
    }
    return typeof options === "function" ? super.help(options) : super.help(options);
  }

  override error(message: string, { code = "" }: { readonly code?: string } = {}): never {
    throw usageError(this, message.replace(/^error: /, ""), code);
  }
}

/** The words of a command: `bluum-hooks events list`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** The error for an unknown subcommand, with the most similar one. */
export function unknownCommand(group: Command, word: string): AppError {
  const names = group.createHelp().visibleCommands(group);
  const meant = likelyName(
    word,
    names.map((each) => each.name()),
  );
  const did = meant === undefined ? "" : `Did you mean ${meant}? `;
  const path = group.parent === null ? "" : `${commandPath(group).replace(/^\S+ /, "")} `;
  return new AppError("invalid_usage", `unknown command ${JSON.stringify(path + word)}`, {
    hint: `${did}List the commands with: ${commandPath(group)} --help`,
  });
}

/** Commander's message in the format of `invalidValue`. */
function usageError(command: Command, message: string, code: string): AppError {
  // A global flag belongs to the program, at any position.
  const see = `See: ${commandPath(command.parent === null ? commandNamed(command) : command)} --help`;
  const usage = (text: string, hint = see) => new AppError("invalid_usage", text, { hint });
  const group = groupOf(command);
  const [word = ""] = command.args;
  if (group !== undefined && word !== "" && !word.startsWith("-") && !/invalidArgument|conflicting/.test(code)) {
    return unknownCommand(group, word);
  }
  switch (code) {
    case "commander.invalidArgument": {
      const [, flags, flagValue, argumentValue, argument, rule = ""] =
        /^(?:option '(.*?)' argument '([\s\S]*)'|command-argument value '([\s\S]*)') is invalid(?: for argument '(.*?)')?\. (.*)$/.exec(
          message,
        ) ?? [];
      const name = flags === undefined ? `<${argument ?? "value"}>` : flagOf(flags);
      return invalidValue(name, flagValue ?? argumentValue ?? "", ruleOf(rule), { hint: see });
    }
    case "commander.unknownOption": {
      const [, flag = "", meant] = /^unknown option '([^']*)'(?:\s+\(Did you mean (.*)\?\))?$/.exec(message) ?? [];
      return usage(`unknown flag ${flag}`, meant === undefined ? see : `Did you mean ${meant}? ${see}`);
    }
    case "commander.optionMissingArgument":
      return usage(`${flagOf(quotedIn(message))} requires a value`);
    case "commander.missingMandatoryOptionValue":
      return usage(`${flagOf(quotedIn(message))} is missing`);
    case "commander.missingArgument":
      return usage(`<${quotedIn(message)}> is missing`);
    case "commander.conflictingOption": {
      const [one = "", other = ""] = [...message.matchAll(/option '(.*?)'/g)].map(([, flags = ""]) => flagOf(flags));
      return usage(`${one} cannot be used with ${other}`);
    }
    case "commander.excessArguments": {
      const expected = command.registeredArguments.length;
      return usage(`unexpected argument ${JSON.stringify(command.args[expected] ?? "")}`);
    }
    default:
      return usage(message);
  }
}

/** The command with the subcommands that the first word should name: this one, or the one whose default it is. */
function groupOf(command: Command): Command | undefined {
  if (command.commands.length > 0) return command;
  const { parent } = command;
  const isDefault = parent !== null && "_defaultCommandName" in parent && parent._defaultCommandName === command.name();
  return isDefault && !wordsOf(command).includes(command.name()) ? parent : undefined;
}

/** The command that a command line names, as far as it names one; the value of a global flag is not a name. */
function commandNamed(program: Command): Command {
  const words = wordsOf(program);
  const takesValue = (word: string) =>
    program.options.some(({ long, short, required }) => required && (word === long || word === short));
  let command = program;
  for (const [index, word] of words.entries()) {
    if (word === "--") break;
    if (word.startsWith("-") || takesValue(words[index - 1] ?? "")) continue;
    const next = command.commands.find((each) => each.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

/** The original command line. Commander stores it in its root, and does not declare it. */
function wordsOf(command: Command): readonly string[] {
  if (command.parent !== null) return wordsOf(command.parent);
  return "rawArgs" in command && Array.isArray(command.rawArgs) ? (command.rawArgs as string[]) : [];
}

function flagOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

function quotedIn(message: string): string {
  return /'(.*?)'/.exec(message)?.[1] ?? "";
}

/** Commander lists the choices of a flag in its own format. */
function ruleOf(text: string): string {
  const choices = /^Allowed choices are (.*)\.$/.exec(text)?.[1]?.split(", ");
  if (choices === undefined) return text;
  const [last = "", ...others] = choices.toReversed();
  return `must be ${others.length === 0 ? last : `${others.toReversed().join(", ")} or ${last}`}`;
}
