/**
 * The help of every command, by its words: `trigger order`. The text is always the same, so that reading it requires
 * neither rendering nor loading commander.
 */
export async function helpTexts(/** @type {typeof import("../src/cli.ts").buildProgram} */ buildProgram) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @type {string[][]} */
  const paths = [[]];
  for (const path of paths) {
    let text = "";
    const clock = { now: () => 0 };
    const context = /** @type {any} */ ({ version: "", clock, stdout: { write: (part) => (text += part) } });
    let command = await buildProgram(path, context, { exitWith() {}, complain() {} });
    for (const word of path) command = /** @type {any} */ (command.commands.find((each) => each.name() === word));
    command.outputHelp();
    texts.set(path.join(" "), text);
    paths.push(...command.commands.map((each) => [...path, each.name()]));
  }
  return texts;
}
