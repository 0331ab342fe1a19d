import type { Command } from "commander";
import { completionTree, type Slot, type Suggestion, type ValuesFor } from "./tree.ts";

type Values = (slot: Slot) => readonly Suggestion[] | Promise<readonly Suggestion[]>;

export interface Completed {
  readonly suggestions: readonly Suggestion[];
  /** Whether the shell offers files. */
  readonly wantsFiles: boolean;
}

/** Suggestions for the last word. `values` is called only for the value that is completed. */
export async function suggest(program: Command, typed: readonly string[], values: Values): Promise<Completed> {
  const words = typed.map(unquoted);
  // The words after it are another program's command line.
  if (words.slice(0, -1).includes("--")) return { suggestions: [], wantsFiles: true };
  let asked: Slot | undefined;
  complete(program, words, (slot) => {
    asked = slot;
    return [];
  });
  if (asked === undefined) return { suggestions: complete(program, words, () => []), wantsFiles: false };
  const known = inList(words.at(-1) ?? "", await valuesOf(asked, values));
  // A shell offers files if no suggestion matches.
  return { suggestions: complete(program, words, () => known), wantsFiles: isFile(asked) };
}

/** Some shells pass words as typed: with an open or closed quote, and with the backslash before a pattern's star. */
function unquoted(word: string): string {
  return word.replace(/^(["'])(.*?)\1?$/s, "$2").replaceAll(String.raw`\*`, "*");
}

async function valuesOf(slot: Slot, values: Values): Promise<readonly Suggestion[]> {
  const choices = slot.kind === "option" ? slot.option.argChoices : slot.argument.argChoices;
  return choices?.map((value) => ({ value, description: "" })) ?? (await values(slot));
}

/** In a list with commas, each name completes the last item. */
function inList(word: string, known: readonly Suggestion[]): readonly Suggestion[] {
  const value = word.startsWith("-") ? word.slice(word.indexOf("=") + 1) : word;
  const before = value.slice(0, value.lastIndexOf(",") + 1);
  return before === "" ? known : known.map((each) => ({ ...each, value: before + each.value }));
}

/** Whether a value is a file: determined by its placeholder in the help, or by the flag's name. */
function isFile(slot: Slot): boolean {
  if (slot.kind === "argument") return slot.command === "exec" || slot.argument.name() === "file";
  return slot.option.long?.endsWith("-file") === true || /<file>/i.test(slot.option.flags);
}

/**
 * The library prints one suggestion for each line, a tab before its description, and a directive about files at the
 * end.
 */
function complete(program: Command, words: readonly string[], valuesFor: ValuesFor): Suggestion[] {
  const lines = printed(() => completionTree(program, valuesFor).parse([...words])).split("\n");
  return lines
    .slice(
      0,
      lines.findLastIndex((line) => line.startsWith(":")),
    )
    .map((line) => {
      const [value = "", description = ""] = line.split("\t");
      return { value, description };
    });
}

/** Captures what a library prints: its output must go to the command's stream, and not to the process's own. */
export function printed(action: () => void): string {
  const lines: string[] = [];
  // oxlint-disable-next-line no-console -- the library has no other output, and prints before it returns
  const { log } = console;
  console.log = (text: string) => void lines.push(text);
  try {
    action();
  } finally {
    console.log = log;
  }
  return lines.map((line) => `${line}\n`).join("");
}
