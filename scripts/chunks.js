// Which modules share a file in dist/. Each file that is read, resolved and compiled costs more than a few kilobytes of code that
// a command has no use for; but no command may load a package, or a part of the program, that only others need.

import { join } from "node:path";
import { root } from "./bundling.js";

const THREAD = join(root, "src/store/log/thread.ts");

/** What is large, and only loaded by what needs it. */
const PARTS = {
  undici: /[\\/]node_modules[\\/]undici[\\/]/,
  conf: /[\\/]node_modules[\\/]conf[\\/]/,
  prompts: /[\\/]node_modules[\\/]@clack[\\/]/,
  yaml: /[\\/]node_modules[\\/]yaml[\\/]/,
  xml: /[\\/]node_modules[\\/]xmlbuilder[\\/]/,
  valibot: /[\\/]node_modules[\\/]valibot[\\/]/,
  store: /[\\/]src[\\/]store[\\/]/,
  emulator: /[\\/]src[\\/]emulator[\\/]/,
};

/** Loaded with the first request for its page; only what opens its port is loaded before. A group would draw the store into it. */
const INSPECTOR = /[\\/]src[\\/](?:features[\\/])?inspector[\\/](?!open-inspector|server|token)/;

/** @type {Map<string, ReadonlySet<string>>} */
const known = new Map();

/** The parts that a module loads with it. */
function partsOf(/** @type {string} */ id, /** @type {import("rolldown").ChunkingContext} */ context) {
  const before = known.get(id);
  if (before !== undefined) return before;
  const found = new Set(Object.entries(PARTS).flatMap(([name, path]) => (path.test(id) ? [name] : [])));
  known.set(id, found);
  for (const imported of context.getModuleInfo(id)?.importedIds ?? []) {
    for (const part of partsOf(imported, context)) found.add(part);
  }
  return found;
}

/** @type {Set<string> | undefined} */
let inThread;

/** What the thread that writes the tables loads: it has a heap of its own, in which nothing else belongs. */
function isInThread(/** @type {string} */ id, /** @type {import("rolldown").ChunkingContext} */ context) {
  if (inThread === undefined) {
    inThread = new Set(context.getModuleInfo(THREAD)?.importedIds ?? []);
    for (const each of inThread) {
      for (const imported of context.getModuleInfo(each)?.importedIds ?? []) inThread.add(imported);
    }
  }
  return inThread.has(id);
}

/**
 * What two or more commands use is in one file, if it loads none of the parts; else with all that loads the same ones.
 * @type {import("rolldown").CodeSplittingOptions}
 */
export const codeSplitting = {
  groups: [
    {
      name: (id, context) => (isInThread(id, context) ? ["thread", ...partsOf(id, context)].join("-") : null),
      priority: 1,
      debugName: "thread",
    },
    {
      name: (id, context) => (INSPECTOR.test(id) ? null : ["shared", ...partsOf(id, context)].join("-")),
      minShareCount: 2,
      debugName: "shared",
    },
  ],
};
