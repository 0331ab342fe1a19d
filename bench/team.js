// The team log on a PostgreSQL server of its own on this machine, with fsync: each figure compared with a bare statement,
// with fewer members, or with `listen` without a team, in the same run and alternating. Run `npm run build` first.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { bundling } from "../scripts/bundling.js";
import { measureAnswers } from "./team/answers.js";
import { measureAppends, measureLatency } from "./team/database.js";
import { measureCatchUp } from "./team/catch-up.js";
import { folder } from "./team/shared.js";

/** As deep as test/support, from where the server is found. */
const PROGRAM = fileURLToPath(new URL(`../node_modules/.cache/bench-team-${process.pid}.mjs`, import.meta.url));
await build({
  ...bundling,
  external: [...bundling.external, "vitest"],
  input: "bench/team/program.js",
  output: { file: PROGRAM, format: "esm", codeSplitting: false },
  logLevel: "silent",
});
// The server does not keep this process alive.
const keepAlive = setInterval(() => {}, 60_000);
try {
  const program = await import(PROGRAM);
  const server = await program.startPostgres({ fsync: "on" });
  console.log(`Node ${process.version}, a database on the same machine with fsync, bodies of 1 KB`);
  await measureAppends(program, server);
  await measureLatency(program, server);
  await measureCatchUp(program, server);
  await measureAnswers(program, server);
} finally {
  clearInterval(keepAlive);
  rmSync(PROGRAM, { force: true });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(); // oxlint-disable-line unicorn/no-process-exit -- the server ends with this process
