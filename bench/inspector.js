// The inspector's figures: queries of a million deliveries compared with ten thousand, and its page in a browser. With a
// folder as its argument, the stores are made there, and used again.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { measureArrivals, measurePages } from "./inspector/page.js";
import { median, report, start } from "./inspector/program.js";
import { measureQueries } from "./inspector/queries.js";
import { makeStore, storedNames } from "./stored.js";

const SIZES = [10_000, 100_000, 1_000_000];
const STARTS = 7;
const [given] = process.argv.slice(2);
const folder = given ?? mkdtempSync(join(tmpdir(), "bluum-hooks-bench-"));

/** What `listen` pays for an inspector that nobody opens. */
async function measureStart() {
  const [ms, mb] = [[], []];
  for (let round = 0; round < STARTS; round += 1) {
    const runs = [];
    for (const flags of [["--no-inspect"], ["--inspect-port", "0"]]) {
      const home = mkdtempSync(join(folder, "new-"));
      const listener = await start(home, ["listen", "--no-register", "--port", "0", ...flags]);
      runs.push({ ms: listener.startedMs, mb: listener.rss() });
      await listener.stop();
      rmSync(home, { recursive: true });
    }
    const [without, with_] = runs;
    ms.push((with_?.ms ?? 0) - (without?.ms ?? 0));
    mb.push((with_?.mb ?? 0) - (without?.mb ?? 0));
  }
  report("listen with an inspector: time", median(ms), 20, "ms", "compared with --no-inspect");
  report("listen with an inspector: memory", median(mb), 3, "MB", "compared with --no-inspect");
}

const page = fileURLToPath(new URL("../dist/inspector/", import.meta.url));
const bytes = readdirSync(page).reduce((sum, file) => sum + gzipSync(readFileSync(join(page, file))).length, 0);

console.log(`Node ${process.version}`);
try {
  report("all files of the page, gzip", bytes / 1024, 40, "KB");
  await measureStart();
  await measureArrivals(mkdtempSync(join(folder, "arrivals-")));
  const stores = SIZES.map((count) => {
    const home = join(folder, String(count));
    if (!existsSync(home)) {
      mkdirSync(home);
      makeStore(home, count);
    }
    return { home, count, ...storedNames(count) };
  });
  const [few, , many] = stores;
  if (few !== undefined && many !== undefined) await measureQueries(few, many);
  await measurePages(stores);
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}
