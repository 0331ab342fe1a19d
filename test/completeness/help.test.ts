import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { everyHelp } from "../support/every-help.ts";

const helps = await everyHelp();

it("every command is found", () => {
  const commands = helps.map(({ command }) => command);
  expect(commands).toStrictEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  expect(commands).toStrictEqual(expect.arrayContaining(["events replay", "trigger event", "webhooks update"]));
});

it("the help that was rendered at build time is commander's own", () => {
  const rendered = helps.map(({ command }) => {
    const name = ["bluum-hooks", ...command.split(" ").filter(Boolean), "txt"].join(".");
    return { command, help: readFileSync(new URL(`../../dist/help/${name}`, import.meta.url), "utf8") };
  });
  expect(rendered).toStrictEqual(helps);
});

it("no line of a help is wider than a terminal", () => {
  const wide = helps.flatMap(({ command, help }) =>
    help.split("\n").flatMap((line) => (line.length > 80 ? [`${command}: ${line}`] : [])),
  );
  expect(wide).toStrictEqual([]);
});

it("every example names a command and flags that exist", () => {
  const flagsOf = (help: string) =>
    new Set([...help.matchAll(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm)].map(([flag]) => flag));
  const wrong = helps.flatMap(({ help }) =>
    [...help.replaceAll("\\\n", "").matchAll(/\$ .*$/gm)].flatMap(([example]) =>
      [...example.matchAll(/bluum-hooks ([^|>#]*)/g)].flatMap(([, line = ""]) => {
        const words = line.split(" -- ")[0]?.split(/\s+/) ?? [];
        const named = helps.findLast(
          ({ command }) => command !== "" && `${words.join(" ")} `.startsWith(`${command} `),
        );
        if (named === undefined) return words[0]?.startsWith("--") === true ? [] : [example];
        const known = flagsOf(named.help);
        return words.filter((word) => word.startsWith("--") && !known.has(word)).map((word) => `${word} in ${example}`);
      }),
    ),
  );
  expect(wrong).toStrictEqual([]);
});
