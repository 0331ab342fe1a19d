import { runInProcess } from "./in-process.ts";

/** Every command line that names a command, and its help; the program itself has no words. */
export async function everyHelp(words: readonly string[] = []): Promise<{ command: string; help: string }[]> {
  const { stdout: help } = await runInProcess([...words, "--help"], {});
  const section = /^Commands:\n([\s\S]*?)\n(?:\n|$)/m.exec(help)?.[1] ?? "";
  const names = [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].flatMap(([, name]) => name ?? []);
  const below: { command: string; help: string }[] = [];
  for (const name of names.filter((each) => each !== "help")) below.push(...(await everyHelp([...words, name])));
  return [{ command: words.join(" "), help }, ...below];
}
