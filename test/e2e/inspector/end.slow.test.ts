import { expect, it } from "vitest";
import { startCli } from "../../support/cli.ts";
import { inspected } from "../../support/inspector.ts";
import { arrive } from "../../support/inspector-page.ts";
import { tempFolder } from "../../support/temp.ts";

const DELIVERIES = 20_000;
const AT_ONCE = 2_000;
const ROUNDS = 12;

it("inspect ends in the middle of a query without a word", async () => {
  const home = tempFolder();
  for (let count = 0; count < DELIVERIES; count += AT_ONCE) {
    await arrive(
      home,
      Array.from({ length: AT_ONCE }, () => ({})),
    );
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const cli = startCli(["inspect", "--port", "0", "--json"], { BLUUM_HOOKS_HOME: home });
    const { inspectorUrl } = await cli.record("ready");
    const { get } = inspected(String(inspectorUrl));
    await get("deliveries?limit=1");
    const queries = [get("stats"), get("counts"), get(`deliveries?q=nothing${round}`)].map((query) =>
      query.catch(() => undefined),
    );
    // The first answer: the others are in progress.
    await Promise.race(queries);
    cli.kill("SIGINT");
    const { code, signal, stderr } = await cli.ended;
    expect({ code, signal, stderr }).toEqual({ code: 130, signal: null, stderr: "" });
    await Promise.all(queries);
  }
});
