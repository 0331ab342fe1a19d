/** @import { Command, Help } from "commander" */

/**
 * The manual page, in roff: every command with its flags and examples. npm installs it with a global package.
 *
 * @param {typeof import("../src/cli.ts").buildProgram} buildProgram
 * @param {string} version
 */
export async function manPage(buildProgram, version) {
  const context = /** @type {any} */ ({ version, clock: { now: () => 0 }, stdout: { write() {} } });
  const build = (/** @type {string[]} */ words) => buildProgram(words, context, { exitWith() {}, complain() {} });
  const names = (await build([])).commands.map((each) => each.name());
  const program = await build(names);
  const help = program.createHelp();
  return [
    `.TH BLUUM\\-HOOKS 1 "" "bluum\\-hooks ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    `bluum\\-hooks \\- ${escaped(program.description())}`,
    ".SH SYNOPSIS",
    ".B bluum\\-hooks",
    "\\fIcommand\\fR [\\fIflags\\fR]",
    ".SH FLAGS OF EVERY COMMAND",
    ...flags(program, help),
    ".SH COMMANDS",
    ...program.commands.filter((each) => each.name() !== "help").flatMap((each) => command(each, "bluum-hooks")),
    "",
  ].join("\n");
}

/** @returns {string[]} */
function command(/** @type {Command} */ each, /** @type {string} */ parent) {
  const help = each.createHelp();
  const path = `${parent} ${each.name()}`;
  const words = each.registeredArguments.map((word) => {
    const name = word.name() + (word.variadic ? "..." : "");
    return word.required ? `<${name}>` : `[${name}]`;
  });
  return [
    `.SS "${escaped([path, ...words].join(" "))}"`,
    ...paragraphs(sentence(each.description())),
    ...flags(each, help),
    ...examples(each),
    ...help
      .visibleCommands(each)
      .filter((sub) => sub.name() !== "help")
      .flatMap((sub) => command(sub, path)),
  ];
}

function flags(/** @type {Command} */ of, /** @type {Help} */ help) {
  return help
    .visibleOptions(of)
    .filter(({ long }) => of.parent === null || long !== "--help")
    .flatMap((option) => [".TP", `\\fB${escaped(help.optionTerm(option))}\\fR`, line(help.optionDescription(option))]);
}

/** Examples are text that a command prints after its help. */
function examples(/** @type {Command} */ of) {
  let text = "";
  of.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const [, block] = /\nExamples:\n((?: {2}.*\n)+)/.exec(text) ?? [];
  return block === undefined ? [] : [".PP", "Examples:", ".PP", ".nf", ...block.trimEnd().split("\n").map(line), ".fi"];
}

function paragraphs(/** @type {string} */ text) {
  return text.split("\n\n").flatMap((paragraph) =>
    // Indented lines are a table.
    /^ /m.test(paragraph) ? [".PP", ".nf", ...paragraph.split("\n").map(line), ".fi"] : [".PP", line(paragraph)],
  );
}

function sentence(/** @type {string} */ text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A line that begins with a dot or an apostrophe would be a request. */
function line(/** @type {string} */ text) {
  return /^[.']/.test(text) ? `\\&${escaped(text)}` : escaped(text);
}

function escaped(/** @type {string} */ text) {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll('"', "\\(dq").replaceAll("…", "\\[u2026]");
}
