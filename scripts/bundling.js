// How the program is bundled, for the build and for tests that run a part of it as a separate process.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What packages create when they are loaded, and commands seldom use. string-width creates a segmenter, and a regular
 * expression of all emoji, which V8 builds already to parse it: 15 and 19 ms. Most measured text is ASCII and needs
 * neither. commander starts subcommands that are programs of their own; there are none.
 * @type {[file: RegExp, made: string, onFirstUse: string][]}
 */
const ON_FIRST_USE = [
  [
    /\/string-width\/index\.js$/,
    "const segmenter = new Intl.Segmenter();",
    "let segments; const segmenter = { segment: text => (segments ??= new Intl.Segmenter()).segment(text) };",
  ],
  [
    /\/string-width\/index\.js$/,
    String.raw`const rgiEmojiRegex = /^\p{RGI_Emoji}$/v;`,
    String.raw`let emoji; const rgiEmojiRegex = { test: text => (emoji ??= new RegExp("^\\p{RGI_Emoji}$", "v")).test(text) };`,
  ],
  [
    /\/commander\/lib\/command\.js$/,
    "const childProcess = require('node:child_process');",
    "const childProcess = { spawn: (...given) => require('node:child_process').spawn(...given) };",
  ],
];

const onFirstUse = {
  filter: { id: ON_FIRST_USE.map(([file]) => file) },
  handler(/** @type {string} */ code, /** @type {string} */ id) {
    let changed = code;
    for (const [, made, later] of ON_FIRST_USE.filter(([file]) => file.test(id))) {
      if (!code.includes(made)) throw new Error(`${id} no longer has ${made}`);
      changed = changed.replace(made, () => later);
    }
    return { code: changed, map: null };
  },
};

/** @satisfies {import("rolldown").InputOptions} */
export const bundling = {
  cwd: root,
  platform: "node",
  external: ["libsql", "@ngrok/ngrok"],
  resolve: {
    alias: {
      // conf's file writer hooks every signal through this package and raises it again, which our own handler would
      // treat as a second Ctrl-C. It only removes temporary files of writes that no signal can interrupt, because
      // they are synchronous.
      "when-exit": join(root, "scripts/no-exit-hooks.js"),
      // conf requests the user's home when it is loaded, which fails for a user without one. It always gets a folder,
      // and does not need it.
      "env-paths": join(root, "scripts/no-env-paths.js"),
      // Three packages of conf, more than half of the program's own size, for unused options.
      "ajv/dist/2020.js": join(root, "scripts/no-schemas.js"),
      "ajv-formats": join(root, "scripts/no-schemas.js"),
      semver: join(root, "scripts/no-schemas.js"),
      // chalk inspects the terminal when it is loaded; src/output/color.ts decides whether to colour.
      "#supports-color": join(root, "scripts/no-supports-color.js"),
      // It brings a validator of JSON schemas that only servers with forms for the user need.
      "@modelcontextprotocol/server/_shims": join(root, "scripts/mcp-shims.js"),
      undici$: join(root, "scripts/undici-parts.js"),
      // Its main file is UMD, and a bundler cannot follow its inner calls of require.
      "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js"),
    },
  },
  transform: { target: "node20.19" },
  plugins: [{ name: "on-first-use", transform: onFirstUse }],
};
