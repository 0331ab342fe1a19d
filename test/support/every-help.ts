import { runInProcess } from "./in-process.ts";

export interface CommandHelp {
  /** The words of the command; empty for the program itself. */
  readonly command: string;
  readonly help: string;
  /** Its own flags and the global ones. */
  readonly flags: ReadonlySet<string>;
}

/** The headings under which the main help lists the commands. */
export const HELP_GROUPS = ["Receive:", "Inspect:", "Trigger:", "Go live:", "Set up:"];

export async function everyHelp(): Promise<CommandHelp[]> {
  const { stdout: globalFlags } = await runInProcess(["help", "flags"], {});
  const visit = async (words: readonly string[]): Promise<CommandHelp[]> => {
    const { stdout: help } = await runInProcess([...words, "--help"], {});
    const titles = words.length === 0 ? HELP_GROUPS : ["Commands:"];
    const below: CommandHelp[] = [];
    for (const name of titles.flatMap((title) => namesIn(help, title))) below.push(...(await visit([...words, name])));
    return [{ command: words.join(" "), help, flags: flagsIn(`${help}\n${globalFlags}`) }, ...below];
  };
  return visit([]);
}

/** The entries of a section of a help. */
export function namesIn(help: string, title: string): string[] {
  const lines = help.split("\n");
  const from = lines.indexOf(title) + 1;
  if (from === 0) return [];
  const section = lines.slice(from, lines.indexOf("", from));
  return section.flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);
}

function flagsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm)].map(([flag]) => flag));
}
