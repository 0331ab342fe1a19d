// Start-up of `--version` and `--help`, against an empty program on the same Node, interleaved in one run.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/bluum-hooks.js", import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 40);

const subjects = [
  { name: "node -e 0", args: ["-e", "0"], limit: undefined },
  { name: "--version", args: [BIN, "--version"], limit: 1.15 },
  { name: "--help", args: [BIN, "--help"], limit: 1.25 },
  { name: "listen --help", args: [BIN, "listen", "--help"], limit: undefined },
];
const times = subjects.map(() => /** @type {number[]} */ ([]));
for (let round = 0; round < ROUNDS + 3; round += 1) {
  for (const [at, { args }] of subjects.entries()) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
    if (status !== 0) throw new Error(`${args.join(" ")} ended with ${status}`);
    if (round >= 3) times[at]?.push(performance.now() - start);
  }
}
const median = (/** @type {number[]} */ values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const bare = median(times[0] ?? []);
console.log(`Node ${process.version}, ${ROUNDS} rounds, medians`);
for (const [at, { name, limit }] of subjects.entries()) {
  const ratio = median(times[at] ?? []) / bare;
  const verdict = limit === undefined ? "" : ratio <= limit ? `  (limit ${limit}: ok)` : `  (limit ${limit}: OVER)`;
  console.log(`${name.padEnd(16)} ${ratio.toFixed(2)} ×${verdict}`);
}
