// Loads the modules of Node.js when they are first used. Most of them are needed by few commands: `events list` opens no
// connection and compresses nothing, but the files that it shares with other commands import node:http and node:zlib.

const REQUIRED = /^let ([\w$]+) = require\("(node:[\w/]+)"\);$/gm;

/** @type {import("rolldown").Plugin} */
export const builtinsOnFirstUse = {
  name: "builtins-on-first-use",
  renderChunk(code) {
    // `import` would load Node's loader of ES modules.
    let changed = code.replaceAll(/\bimport\(("node:[\w/]+")\)/g, "Promise.resolve().then(() => require($1))");
    for (const [line, name = "", module] of code.matchAll(REQUIRED)) {
      // A default import has an object of its own.
      const converted = new RegExp(`^${escaped(name)} = (.+)\\(${escaped(name)}(, 1)?\\);\n`, "m").exec(code);
      const [conversion = "", toESM, flag = ""] = converted ?? [];
      const value = toESM === undefined ? `require("${module}")` : `${toESM}(require("${module}")${flag})`;
      // In parentheses, because of `new`.
      changed = changed
        .replace(conversion, "")
        .replace(line, () => "")
        .replaceAll(new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${escaped(name)}(?![\\w$])`, "g"), () => `(${name}())`);
      changed = `let ${name}$loaded;\nfunction ${name}() {\n\treturn ${name}$loaded ??= ${value};\n}\n${changed}`;
    }
    return changed === code ? null : { code: changed, map: null };
  },
};

function escaped(/** @type {string} */ name) {
  return name.replaceAll("$", String.raw`\$`);
}
