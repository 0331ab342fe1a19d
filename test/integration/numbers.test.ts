import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startApp } from "../support/app.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";
import { startRig, until } from "./emulator-support/client.ts";
import { startReceiver } from "./emulator-support/receiver.ts";
import { seedHome } from "./events/seed.ts";

// No float has this id, and JavaScript writes the others as 136, 178.5, 100000 and 1e-7.
const DATA = '{"id":1152921506151679042,"weight":136.0,"price":178.50,"volume":1E5,"fee":0.0000001}';
const NUMBERS = [...DATA.matchAll(/:([^,}]+)/g)].map(([, number]) => String(number));
const BODY = `{"event":"order.filled","timestamp":"2025-06-15T14:30:15Z","data":${DATA}}`;

async function seeded(...args: string[]) {
  const { env } = await seedHome([{ body: Buffer.from(BODY) }]);
  return runInProcess(args, { ...env, BLUUM_WEBHOOK_SECRET: "a secret of the test" });
}

describe("the numbers of a payload keep their spelling in", () => {
  it.each([
    ["events", "show", "last"],
    ["events", "show", "last", "--json"],
    ["events", "list", "--json"],
    ["events", "tail", "--last", "1", "--count", "1", "--json"],
    ["events", "export"],
    ["events", "export", "--format", "har"],
    ["events", "export", "--format", "curl"],
  ])("%s %s %s %s %s %s %s", async (...args) => {
    const { code, stdout } = await seeded(...args.filter(Boolean));
    expect(code).toBe(0);
    for (const number of NUMBERS) expect(stdout).toMatch(new RegExp(`: ?${number.replace(".", "\\.")}[,}\\s]`));
  });

  it("events timeline and list, as a resource's id", async () => {
    for (const args of [["timeline", "1152921506151679042"], ["list"]]) {
      expect((await seeded("events", ...args)).stdout).toContain("1152921506151679042");
    }
  });

  it("events replay --set, which changes one value and signs the rest unchanged", async () => {
    const app = await startApp();
    const { code, stdout } = await seeded("events", "replay", "last", "--to", app.url, "--set", "data.price=180.10");
    expect([code, stdout]).toEqual([0, expect.stringContaining("data.price: 178.50 → 180.10")]);
    expect(String(app.requests[0]?.body)).toBe(BODY.replace("178.50", "180.10"));
  });

  it("events replay --set, which refuses a repeated field", async () => {
    const { env } = await seedHome([{ body: Buffer.from('{"event":"x","data":{"id":"a","qty":1,"qty":2}}') }]);
    const end = await runInProcess(["events", "replay", "last", "--to", "9", "--set", "data.qty=3", "--json"], {
      ...env,
      BLUUM_WEBHOOK_SECRET: "a secret of the test",
    });
    expect([end.code, end.error?.code]).toEqual([2, "invalid_usage"]);
    expect(end.error?.message).toContain('data has the field "qty" twice');
  });

  it.each([
    ["--data", DATA],
    ["--set", `data.value=${DATA}`],
  ])("trigger event %s", async (flag, value) => {
    const app = await startApp();
    const end = await seeded("trigger", "event", "order.filled", "--to", app.url, flag, value, "--json");
    expect(end.code).toBe(0);
    for (const text of [end.stdout, String(app.requests[0]?.body)]) expect(text).toContain(DATA);
  });

  it("a recipe, also in YAML that is not JSON", async () => {
    const app = await startApp();
    const file = join(tempFolder(), "mine.yaml");
    const data = DATA.replaceAll('"', "").replaceAll(":", ": ").replaceAll(",", ", ");
    writeFileSync(file, `- event: { name: order.filled, data: ${data}, set: { data.more: 2.50 } }\n`);
    expect((await seeded("trigger", "recipe", file, "--to", app.url)).code).toBe(0);
    expect(String(app.requests[0]?.body)).toContain(DATA.replace("}", ',"more":2.50}'));
  });

  it("an event that the emulator sends on request, and its record", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["*"]);
    const url = `http://127.0.0.1:${rig.emulator.port}/_emulator`;
    const made = await fetch(`${url}/events`, { method: "POST", body: `{"event":"x","data":${DATA}}` });
    expect([made.status, await made.text()]).toEqual([202, expect.stringContaining(DATA)]);
    const [received] = await receiver.waitFor(1);
    expect(String(received?.body)).toContain(DATA);
    const record = await until(
      async () => (await fetch(`${url}/deliveries`)).text(),
      (text) => text.includes('"delivered"'),
    );
    expect(record).toContain(DATA);
    expect(rig.emulator.deliveries()[0]?.emission.resourceId).toBe("1152921506151679042");
  });
});
