// How the program is bundled, for the build and for the tests that run a part of it as a process of its own.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** string-width makes a segmenter as soon as it is loaded; that takes 15 ms, and most text that is measured is ASCII. */
const segmenterOnFirstUse = {
  filter: { id: /\/string-width\/index\.js$/ },
  handler(/** @type {string} */ code) {
    const made = "const segmenter = new Intl.Segmenter();";
    if (!code.includes(made)) throw new Error("string-width makes its segmenter in another way");
    const onFirstUse =
      "let made; const segmenter = { segment: text => (made ??= new Intl.Segmenter()).segment(text) };";
    return { code: code.replace(made, onFirstUse), map: null };
  },
};

/** @satisfies {import("rolldown").InputOptions} */
export const bundling = {
  cwd: root,
  platform: "node",
  external: ["libsql", "@ngrok/ngrok"],
  resolve: {
    alias: {
      // conf's file writer hooks every signal through this package and raises it once more, which our own handler would
      // take for a second Ctrl-C. What it tidies up are temporary files of writes that no signal can interrupt: they are
      // synchronous.
      "when-exit": join(root, "scripts/no-exit-hooks.js"),
      // conf asks it for the user's home as soon as it is loaded, which ends in an error for a user without one. It is always
      // given a folder, and needs none.
      "env-paths": join(root, "scripts/no-env-paths.js"),
      // Three packages of conf, more than half of the program's own size, for options that it is not given.
      "ajv/dist/2020.js": join(root, "scripts/no-schemas.js"),
      "ajv-formats": join(root, "scripts/no-schemas.js"),
      semver: join(root, "scripts/no-schemas.js"),
      undici$: join(root, "scripts/undici-parts.js"),
      // Its main file is UMD, whose inner calls of require a bundler cannot follow.
      "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js"),
    },
  },
  transform: { target: "node20.19" },
  plugins: [{ name: "segmenter-on-first-use", transform: segmenterOnFirstUse }],
};
