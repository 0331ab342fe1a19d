import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/index.ts";
import { everyHelp, HELP_GROUPS, namesIn } from "../support/every-help.ts";
import { runInProcess } from "../support/in-process.ts";

const helps = await everyHelp();
const { stdout: globalFlags } = await runInProcess(["help", "flags"], {});

it("the main help lists every command under the task that it serves", () => {
  const [root] = helps;
  const listed = HELP_GROUPS.flatMap((title) => namesIn(root?.help ?? "", title));
  expect(listed).toStrictEqual(COMMANDS.map(({ name }) => name));
});

it("a help says what the command does, then how to call it, then its flags, examples and where to read on", () => {
  const sections = /^(Usage:|Arguments:|Flags:|Examples:|Use `bluum-hooks help flags`)/;
  const order = ["Usage:", "Arguments:", "Flags:", "Examples:", "Use `bluum-hooks help flags`"];
  const wrong = helps.filter(({ command, help }) => {
    const found = help.split("\n").flatMap((line) => sections.exec(line)?.[1] ?? []);
    const ordered = order.filter((title) => found.includes(title));
    const isWhole = found[0] === "Usage:" && found.at(-1) === order.at(-1);
    return command !== "" && !(isWhole && /^[A-Z]/.test(help) && found.join() === ordered.join());
  });
  expect(wrong).toStrictEqual([]);
});

it("only `help flags` explains global flags", () => {
  expect(globalFlags).toContain("--env <name>");
  expect(globalFlags).toContain("--version");
  expect(helps.filter(({ help }) => /^ {2}(-\w, )?--(env|json|verbose|help)\b/m.test(help))).toStrictEqual([]);
});

it("every command is found", () => {
  const commands = helps.map(({ command }) => command);
  expect(commands).toStrictEqual(expect.arrayContaining(COMMANDS.map(({ name }) => name)));
  expect(commands).toStrictEqual(expect.arrayContaining(["events replay", "trigger event", "webhooks update"]));
});

it("the help rendered at build time equals commander's own", () => {
  const rendered = helps.map(({ command }) => {
    const name = ["bluum-hooks", ...command.split(" ").filter(Boolean), "txt"].join(".");
    const file = new URL(`../../dist/help/${name}`, import.meta.url);
    return { command, help: existsSync(file) ? readFileSync(file, "utf8") : `dist/help/${name} does not exist` };
  });
  expect(rendered, "dist is out of date: npm run build").toStrictEqual(
    helps.map(({ command, help }) => ({ command, help })),
  );
});

it("a long list of flags is grouped by task", () => {
  const long = helps.filter(({ help }) => (help.match(/^ {2}-/gm) ?? []).length > 20);
  expect(long.map(({ command }) => command)).toContain("listen");
  expect(long.filter(({ help }) => /^Flags:$/m.test(help))).toStrictEqual([]);
});

it("no line of a help is wider than a terminal", () => {
  const wide = [...helps, { command: "help flags", help: globalFlags }].flatMap(({ command, help }) =>
    help.split("\n").flatMap((line) => (line.length > 80 ? [`${command}: ${line}`] : [])),
  );
  expect(wide).toStrictEqual([]);
});

it("every example names a command and flags that exist", () => {
  const wrong = helps.flatMap(({ help }) =>
    [...help.replaceAll("\\\n", "").matchAll(/\$ .*$/gm)].flatMap(([example]) =>
      [...example.matchAll(/bluum-hooks ([^|>#]*)/g)].flatMap(([, line = ""]) => {
        const words = line.split(" -- ")[0]?.split(/\s+/) ?? [];
        const named = helps.findLast(
          ({ command }) => command !== "" && `${words.join(" ")} `.startsWith(`${command} `),
        );
        if (named === undefined) return words[0]?.startsWith("--") === true ? [] : [example];
        return words
          .filter((word) => word.startsWith("--") && !named.flags.has(word))
          .map((word) => `${word} in ${example}`);
      }),
    ),
  );
  expect(wrong).toStrictEqual([]);
});
