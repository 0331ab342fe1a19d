import { statSync } from "node:fs";
import { join } from "node:path";
import { countParts } from "../stored.js";
import { median, report, sleep, start } from "./program.js";

const ROUNDS = 5;
const PARTS_MS = 500;

/** The milliseconds of a request, and of the same one until everything is searched. */
async function ask(/** @type {Awaited<ReturnType<typeof start>>} */ inspector, /** @type {string} */ path) {
  const startedAt = performance.now();
  let answer = await inspector.get(path);
  const firstMs = performance.now() - startedAt;
  while (answer.searched < 1) answer = await inspector.get(path);
  return { firstMs, allMs: performance.now() - startedAt, answer };
}

/**
 * Queries of a large store, compared with a small one: first without an index of its texts, then with it.
 * @typedef {{ home: string, count: number, resource: string, parts: number }} Stored
 */
export async function measureQueries(/** @type {Stored} */ few, /** @type {Stored} */ many) {
  const small = await start(few.home, ["inspect", "--port", "0"]);
  const large = await start(many.home, ["inspect", "--port", "0"]);
  try {
    const text = (/** @type {string} */ q) => `deliveries?limit=100&q=${encodeURIComponent(q)}`;
    await small.get("deliveries");
    report("first list", (await ask(large, "deliveries?limit=100")).firstMs, 500, "ms");
    const counts = await ask(large, "counts");
    report("counts, first answer", counts.firstMs, 500, "ms", `all after ${Math.round(counts.allMs)} ms`);
    const rare = await ask(large, text(many.resource));
    report("text without an index, first answer", rare.firstMs, 200, "ms", `all after ${Math.round(rare.allMs)} ms`);
    report("statistics", (await ask(large, "stats")).firstMs, 1_000, "ms");

    const file = join(many.home, "search.db");
    const startedAt = performance.now();
    while (countParts(many.home) < many.parts) await sleep(PARTS_MS);
    const [seconds, megabytes] = [(performance.now() - startedAt) / 1_000, statSync(file).size / 1e6];
    const share = statSync(file).size / statSync(join(many.home, "store.db")).size;
    report(
      "space of the text index, compared with the store",
      share,
      0.25,
      "×",
      `${Math.round(megabytes)} MB, filled in ${Math.round(seconds)} s`,
    );
    await large.stop();
    const indexed = await start(many.home, ["inspect", "--port", "0"]);
    try {
      await indexed.get("deliveries");
      /** @type {[string, (stored: Stored) => string][]} */
      const queries = [
        ["an ID", ({ resource }) => text(resource)],
        ["the last letters of an ID", ({ resource }) => text(resource.slice(-8))],
        ["what is not there", () => text("nothing-like-this")],
        ["a symbol of every fifth", () => text("TSLA")],
        ["a word of all", () => text("filled")],
      ];
      for (const [name, pathOf] of queries) {
        /** @type {number[][]} */
        const [ofFew, ofMany] = [[], []];
        for (let round = 0; round < ROUNDS; round += 1) {
          // What is known is not searched again.
          const other = `%20since:${9_000 - round}d`;
          ofFew.push((await ask(small, pathOf(few) + other)).firstMs);
          ofMany.push((await ask(indexed, pathOf(many) + other)).firstMs);
        }
        const [one, other] = [median(ofFew), median(ofMany)];
        report(`text: ${name}`, other, 200, "ms", `${(other / one).toFixed(1)} × that of ${few.count} (limit 3)`);
      }
    } finally {
      await indexed.stop();
    }
  } finally {
    await small.stop();
  }
}
