import { expect, it } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { startCli, type Cli } from "../support/cli.ts";

const WEBHOOK = { name: "w", url: "http://127.0.0.1:9/hook", eventTypeNames: ["*"] };

/** Creates a webhook whose URL does not answer, and one event for it. */
async function use(baseUrl: string): Promise<void> {
  const authorization = `Basic ${btoa(`${EMULATOR_ACCESS.apiKey}:${EMULATOR_ACCESS.apiSecret}`)}`;
  await fetch(`${baseUrl}/webhooks`, { method: "POST", headers: { authorization }, body: JSON.stringify(WEBHOOK) });
  const body = JSON.stringify({ event: "document.approved", data: { id: "doc_1" } });
  await fetch(new URL("/_emulator/events", baseUrl), { method: "POST", body });
}

const printed = (cli: Cli, text: RegExp) => cli.until(() => text.exec(cli.stdout) ?? undefined);
const start = (...flags: string[]) => startCli(["emulator", "--port", "0", "--speed", "10000000", ...flags]);

it("emulator --json prints each API call, attempt and dead letter as a record, without a secret", async () => {
  const emulator = start("--json");
  const { baseUrl } = await emulator.record("ready");
  await use(String(baseUrl));
  expect(await emulator.record("dead-letter")).toMatchObject({ event: "document.approved", url: WEBHOOK.url });
  emulator.kill("SIGINT");
  const [, ...records] = (await emulator.ended).records();
  expect(records.filter(({ type }) => type === "attempt")).toHaveLength(6);
  expect(records).toContainEqual(expect.objectContaining({ type: "request", path: "/v1/webhooks", status: 201 }));
  expect(JSON.stringify(records)).not.toMatch(/whsec_|emulator_secret|Basic/);
});

it("emulator --verbose prints them as lines; without it there is no output after the start", async () => {
  const [verbose, silent] = [start("--verbose"), start()];
  for (const emulator of [verbose, silent]) {
    const [, baseUrl = ""] = await printed(emulator, /base URL +(\S+)/);
    await use(baseUrl);
  }
  await printed(verbose, /document\.approved → \S+ {2}dead letter/);
  expect(verbose.stdout).toMatch(/POST \/v1\/webhooks {2}201/);
  expect(silent.stdout).not.toContain("/v1/webhooks");
});
