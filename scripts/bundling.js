// How the program is bundled, for the build and for the tests that run a part of it as a process of its own.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

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
      // Its main file is UMD, whose inner calls of require a bundler cannot follow.
      "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js"),
    },
  },
  transform: { target: "node20.19" },
};
