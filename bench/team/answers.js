// Answers to Bluum while a session ships to its team, compared with a session without a team, and while the database is
// away.
import { createHmac } from "node:crypto";
import autocannon from "autocannon";
import { median, newFolder, newTeam, nextBody, report, start } from "./shared.js";

const ROUNDS = 2;
const SECONDS = 2;
const ACCESS = { BLUUM_API_KEY: "emulator_key", BLUUM_API_SECRET: "emulator_secret" };

export async function measureAnswers(
  /** @type {import("./shared.js").Program} */ program,
  /** @type {import("./shared.js").Server} */ server,
) {
  const team = await newTeam(program, server);
  const log = await team.connect();
  const emulator = start(newFolder(), ["emulator", "--port", "0"]);
  const { baseUrl } = await emulator.record('"baseUrl"');
  const env = { ...ACCESS, BLUUM_BASE_URL: String(baseUrl) };
  const flags = ["--tunnel", "none", "--port", "0", "--no-inspect"];
  const shared = start(team.home, ["listen", "--team", ...flags], env);
  const sharedReady = await shared.record('"type":"ready"');
  const secret = program.openTeamWebhook(await log.webhook(), team.invite)?.secret ?? "";
  const alone = start(newFolder(), ["listen", "--no-register", ...flags], { BLUUM_WEBHOOK_SECRET: secret });
  const aloneReady = await alone.record('"type":"ready"');

  const pool = Array.from({ length: 60_000 }, () => {
    const body = nextBody();
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    return { body, headers: { "content-type": "application/json", "x-bluum-signature": `sha256=${signature}` } };
  });
  let [used, accepted] = [0, 0];
  const load = async (/** @type {string} */ url) => {
    const setupRequest = (/** @type {any} */ request) => ({ ...request, ...pool[used++ % pool.length] });
    const run = await autocannon({
      url,
      method: "POST",
      connections: 50,
      duration: SECONDS,
      requests: [{ setupRequest }],
    });
    if (run.non2xx > 0 || run.errors > 0) throw new Error(`${run.non2xx} refused, ${run.errors} errors`);
    return { rate: run.requests.average, answered: run["2xx"] };
  };
  const shipped = async () => {
    while ((await log.state()).head < accepted) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const compare = async (/** @type {() => Promise<void>} */ settle) => {
    /** @type {Record<"shared" | "alone", number[]>} */
    const rates = { shared: [], alone: [] };
    const urls = { shared: String(sharedReady.localUrl), alone: String(aloneReady.localUrl) };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const order = /** @type {const} */ (["shared", "alone"]);
      for (const name of round % 2 === 0 ? order : order.toReversed()) {
        const { rate, answered } = await load(urls[name]);
        if (name === "shared") accepted += answered;
        // The first round warms up.
        if (round > 0) rates[name].push(rate);
        await settle();
      }
    }
    const [one, other] = [median(rates.shared), median(rates.alone)];
    return /** @type {const} */ ([one / other, `${Math.round(one)}/s against ${Math.round(other)}/s`]);
  };
  const [during, about] = await compare(shipped);
  report("answers with --team: of without", during, "≥ 0.95", about);
  await server.stop("fast");
  const [away, aboutAway] = await compare(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
  report("… while the database is away", away, "≥ 0.95", aboutAway);
  await server.start();
  const from = performance.now();
  await shipped();
  console.log(
    `shipped: all ${accepted} accepted, the last ${((performance.now() - from) / 1000).toFixed(1)} s after its return`,
  );
  for (const each of [shared, alone, emulator]) await each.stop();
}
