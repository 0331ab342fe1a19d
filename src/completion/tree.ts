import { RootCommand } from "@bomb.sh/tab";
import type { Argument, Command, Option } from "commander";

/** A place on the command line for a value, not for a name that the program defines. */
export type Slot =
  | { readonly kind: "option"; readonly command: string; readonly option: Option }
  | { readonly kind: "argument"; readonly command: string; readonly argument: Argument };

export interface Suggestion {
  readonly value: string;
  readonly description: string;
}

export type ValuesFor = (slot: Slot) => readonly Suggestion[];

/**
 * Converts the program for the completion library, which knows flags by command only: each command gets the global
 * flags too, and a command with a default subcommand gets the flags of that.
 */
export function completionTree(program: Command, valuesFor: ValuesFor): RootCommand {
  const root = new RootCommand();
  const globals = optionsOf(program);
  addOptions(root, "", globals, valuesFor);
  const visit = (command: Command, parentPath: string) => {
    const path = `${parentPath} ${command.name()}`.trim();
    const target = root.command(path, command.summary() || command.description());
    const byDefault = command.commands.find((each) => each.name() === defaultNameOf(command));
    const options = [...optionsOf(command), ...(byDefault === undefined ? [] : optionsOf(byDefault)), ...globals];
    addOptions(target, path, options, valuesFor);
    for (const argument of command.registeredArguments) {
      target.argument(
        argument.name(),
        (complete) => {
          for (const each of valuesFor({ kind: "argument", command: path, argument })) {
            complete(each.value, each.description);
          }
        },
        argument.variadic,
      );
    }
    for (const each of visibleCommands(command)) visit(each, path);
  };
  for (const command of visibleCommands(program)) visit(command, "");
  return root;
}

function addOptions(
  target: Pick<RootCommand, "option" | "options">,
  path: string,
  options: readonly Option[],
  valuesFor: ValuesFor,
): void {
  for (const option of options) {
    const name = option.long?.slice(2);
    // `--version` is only useful without a command.
    if (name === undefined || target.options.has(name) || (path !== "" && name === "version")) continue;
    const short = option.short?.slice(1);
    if (!option.required && !option.optional) {
      // An empty text stands for no alias: a third argument marks a flag without a value.
      target.option(name, option.description, short ?? "");
      continue;
    }
    target.option(
      name,
      option.description,
      (complete) => {
        for (const each of valuesFor({ kind: "option", command: path, option })) complete(each.value, each.description);
      },
      short,
    );
  }
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function visibleCommands(command: Command): readonly Command[] {
  return command.createHelp().visibleCommands(command);
}

/** Commander does not expose the name of the default subcommand. */
function defaultNameOf(command: Command): unknown {
  return "_defaultCommandName" in command ? command._defaultCommandName : undefined;
}
