// Reading a million stored deliveries, compared with a thousand: each command as a whole process, alternating. The
// stores are written with the program's own schema, so that they equal those of a listener.
// `node bench/events-list.js 9 10000000 FOLDER` reads ten million, and uses the stores in the folder again.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeStore, runEvents as run, storedNames } from "./stored.js";

const ROUNDS = Number(process.argv[2] ?? 9);
const MANY = Number(process.argv[3] ?? 1_000_000);
const GIVEN = process.argv[4];
const FEW = 1_000;
const LIMIT = 1.3;

const folder = GIVEN ?? mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

function openedStore(/** @type {number} */ count) {
  const home = join(folder, String(count));
  return existsSync(home) ? { home, ...storedNames(count) } : makeStore(home, count);
}

/** @type {[name: string, args: (store: ReturnType<typeof makeStore>) => string[]][]} */
const SUBJECTS = [
  ["list", () => ["list"]],
  ["list --event", () => ["list", "--event", "order.*"]],
  ["list --resource", ({ resource }) => ["list", "--resource", resource]],
  ["show", ({ id }) => ["show", id]],
  ["timeline", ({ resource }) => ["timeline", resource]],
];

try {
  const [few, many] = [openedStore(FEW), openedStore(MANY)];
  const times = SUBJECTS.map(() => ({ few: /** @type {number[]} */ ([]), many: /** @type {number[]} */ ([]) }));
  for (let round = -1; round < ROUNDS; round += 1) {
    for (const [at, [, argsFor]] of SUBJECTS.entries()) {
      for (const [name, store] of /** @type {const} */ ([
        ["few", few],
        ["many", many],
      ])) {
        const start = performance.now();
        run(store.home, argsFor(store));
        if (round >= 0) times[at]?.[name].push(performance.now() - start);
      }
    }
  }
  const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
  console.log(`Node ${process.version}, ${MANY} deliveries against ${FEW}, ${ROUNDS} rounds, medians`);
  for (const [at, [name]] of SUBJECTS.entries()) {
    const [small, large] = [median(times[at]?.few ?? []), median(times[at]?.many ?? [])];
    const ratio = large / small;
    const verdict = ratio <= LIMIT ? "ok" : "OVER";
    console.log(
      `${name.padEnd(16)} ${ratio.toFixed(2)} ×  (limit ${LIMIT}: ${verdict})  ${Math.round(large)} ms against ${Math.round(small)} ms`,
    );
  }
} finally {
  if (GIVEN === undefined) rmSync(folder, { recursive: true, force: true });
}
