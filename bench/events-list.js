// Reading a million stored deliveries, compared with a thousand: each command as a whole process, alternating. The
// stores are written with the program's own schema, so that they equal those of a listener.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeStore, runEvents as run } from "./stored.js";

const ROUNDS = Number(process.argv[2] ?? 9);
const MANY = Number(process.argv[3] ?? 1_000_000);
const FEW = 1_000;
const LIMIT = 2;

const folder = mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

/** @type {[name: string, args: (store: ReturnType<typeof makeStore>) => string[]][]} */
const SUBJECTS = [
  ["list", () => ["list"]],
  ["list --event", () => ["list", "--event", "order.*"]],
  ["list --resource", ({ resource }) => ["list", "--resource", resource]],
  ["show", ({ id }) => ["show", id]],
  ["timeline", ({ resource }) => ["timeline", resource]],
];

try {
  const [few, many] = [makeStore(join(folder, "few"), FEW), makeStore(join(folder, "many"), MANY)];
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
  rmSync(folder, { recursive: true, force: true });
}
