import { type Command, InvalidArgumentError } from "commander";
import { PROJECT_FILE, type ProjectFile, readProjectFile } from "../../config/project-file.ts";
import type { Context } from "../../context.ts";
import { DELIVERY_PATH } from "../../core/defaults.ts";
import { isLoopbackHost } from "../../core/hosts.ts";
import { invalidValue } from "../../core/invalid-value.ts";
import { oneAppUrl, refuse, urlPath } from "./parse.ts";

export type ProjectOption = "path" | "port" | "forwardTo" | "events";

/**
 * Lets the project file set these flags of a command, unless the command line does. A value is parsed as that of the
 * flag.
 */
export function withProjectOptions(
  command: Command,
  context: Pick<Context, "cwd">,
  names: readonly ProjectOption[],
): Command {
  return command.hook("preAction", () => {
    const project = projectOf(context);
    if (project === undefined) return;
    for (const name of names) {
      const option = command.options.find((each) => each.attributeName() === name && !each.negate);
      if (option === undefined || command.getOptionValueSource(name) === "cli") continue;
      const value = projectOption(project, name, (text) => option.parseArg?.(text, undefined));
      if (value !== undefined) command.setOptionValueWithSource(name, value, "config");
    }
  });
}

/** The path of the project's endpoint, otherwise the default. */
export function projectPath(context: Pick<Context, "cwd">): string {
  const project = projectOf(context);
  return (project && projectOption(project, "path", urlPath)) ?? DELIVERY_PATH;
}

/** The project's app; undefined if the project names none. */
export function projectApp(context: Pick<Context, "cwd">): ReturnType<typeof oneAppUrl> | undefined {
  const project = projectOf(context);
  return project && projectOption(project, "forwardTo", (text) => oneAppUrl(text));
}

function projectOf({ cwd }: Pick<Context, "cwd">): ProjectFile | undefined {
  return cwd === undefined ? undefined : readProjectFile(cwd);
}

/** A value of the project file as its flag parses it. Throws `invalid_setting`. */
function projectOption<T>(project: ProjectFile, name: ProjectOption, parse: (text: string) => T): T | undefined {
  const value = project.content[name];
  if (value === undefined) return undefined;
  const text = Array.isArray(value) ? value.join(",") : String(value);
  try {
    if (name === "forwardTo") requireLoopback(text);
    return parse(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalidValue(`${name} in ${PROJECT_FILE}`, text, error.message, {
      code: "invalid_setting",
      hint: `Correct ${project.path}`,
    });
  }
}

/** A file that comes with somebody's code must not send deliveries to another machine. */
function requireLoopback(text: string): void {
  if (!isLoopbackHost(oneAppUrl(text).url.hostname)) {
    refuse("must be a port or a URL on this machine; use --forward-to for another one");
  }
}
