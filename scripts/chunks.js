// Which modules share a file in dist/. Reading, resolving and compiling a file costs more than a few kilobytes of
// code that a command does not need; but no command may load a package, or a part of the program, that only others
// need.

import { join } from "node:path";
import { root } from "./bundling.js";

const THREAD = join(root, "src/store/log/thread.ts");

/** Large parts that are loaded only by the code that needs them. */
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

/**
 * Loaded with the first request for its page; only the code that opens its port is loaded before. A group would
 * include the store.
 */
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

/** The modules of the thread that writes the tables: it has a separate heap, which must contain nothing else. */
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
 * Modules of two or more commands are in one file if they load none of the parts; otherwise in one with all modules
 * that load the same parts.
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
