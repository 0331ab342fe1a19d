// Which modules share a file in dist/. Each file that is read, resolved and compiled costs more than a few kilobytes of code that
// a command has no use for; but no command may load a package, or a part of the program, that only others need.

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

/**
 * What two or more commands use is in one file, if it loads none of the parts; else with all that loads the same ones.
 * @type {import("rolldown").CodeSplittingOptions}
 */
export const codeSplitting = {
  groups: [
    {
      name: (id, context) => ["shared", ...partsOf(id, context)].toSorted().join("-"),
      minShareCount: 2,
      debugName: "shared",
    },
  ],
};
