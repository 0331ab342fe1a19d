import { describe, expect, test } from "vitest";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import {
  ACCOUNT,
  type Answer,
  INVESTOR,
  type Json,
  MARKET_BUY,
  type Rig,
  startRig,
  until,
} from "./emulator-support/client.ts";
import { steppedClock } from "./emulator-support/clock.ts";
import { startReceiver } from "./emulator-support/receiver.ts";

const MANUAL = { amount: "250.00", currency: "USD", method: "manual_bank_transfer" };
const PAID_OUT = { ...MANUAL, funding_source_id: "fs_1" };
const ACH = { amount: "250.00", currency: "USD", method: "ach", funding_source_id: "fs_1" };

const GENERATIONS = [
  {
    generation: "current",
    path: INVESTOR,
    owner: { investor_id: EMULATOR_ACCESS.investorId },
    ids: { deposit: /^dep_/, withdrawal: /^wd_/ },
    words: { received: "processing", submitted: "processing", expired: "cancelled", canceled: "cancelled" },
  },
  {
    generation: "legacy",
    path: ACCOUNT,
    owner: { account_id: EMULATOR_ACCESS.accountId },
    ids: { deposit: /^dep_/, withdrawal: /^wdr_/ },
    words: { received: "received", submitted: "submitted", expired: "expired", canceled: "canceled" },
  },
] as const;

const KINDS = [
  { kind: "deposit", step: "received" },
  { kind: "withdrawal", step: "submitted" },
] as const;

/** The id in an answer of either generation. */
function idOf({ body }: Answer): string {
  return String(body["id"] ?? body["deposit_id"] ?? body["withdrawal_id"]);
}

function send(rig: Rig, path: string, body: Json, key: string = crypto.randomUUID()): Promise<Answer> {
  return rig.call("POST", path, { body, headers: { "idempotency-key": key } });
}

describe.each(GENERATIONS)("transfers of the $generation API", ({ path, owner, ids, words }) => {
  test.each(KINDS)(
    "an ACH $kind goes through its documented steps and publishes its start and its end",
    async ({ kind, step: atBank }) => {
      const clock = steppedClock();
      await using receiver = await startReceiver();
      await using rig = await startRig({ clock });
      await rig.subscribe(receiver.url, ["transfer.*"]);

      const created = await send(rig, `${path}/${kind}s`, ACH);
      expect(created).toMatchObject({
        status: 201,
        body: { ...owner, status: "pending", amount: "250.00", method: "ach" },
      });
      const id = idOf(created);
      expect(id).toMatch(ids[kind]);
      for (const step of ["pending", "processing", words[atBank], "completed"]) {
        const look = async () => (await rig.call("GET", `${path}/${kind}s/${id}`)).body;
        await until(look, (each) => each["status"] === step);
        if (step === "completed") continue;
        await until(
          () => clock.sleeping,
          (count) => count > 0,
        );
        clock.step();
      }
      const [initiated, completed] = await receiver.waitFor(2);
      expect(initiated?.payload).toMatchObject({
        event: `transfer.${kind}.initiated`,
        data: { id, ...owner, status: "pending" },
      });
      expect(completed?.payload).toMatchObject({
        event: `transfer.${kind}.completed`,
        data: { id, ...owner, amount: "250.00", currency: "USD", method: "ach", status: "completed" },
      });
    },
  );

  test.each(KINDS)("a $kind of 13.13 fails with a reason", async ({ kind }) => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, [`transfer.${kind}.failed`]);
    const created = await send(rig, `${path}/${kind}s`, { ...PAID_OUT, amount: "13.13" });
    const [failed] = await receiver.waitFor(1);
    expect(failed?.payload.data).toMatchObject({ status: "failed", failure_reason: expect.stringContaining("R01") });
    const stored = await rig.call("GET", `${path}/${kind}s/${idOf(created)}`);
    expect(stored.body).toMatchObject({ status: "failed", failure_reason: expect.stringContaining("R01") });
  });

  test("a manual deposit has payment details, and stays pending until it is completed manually", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["transfer.*"]);
    const created = await send(rig, `${path}/deposits`, MANUAL);
    expect(created.body).toMatchObject({
      status: "pending",
      method_details: {
        referenceCode: expect.stringMatching(/^BLUUM-[A-Z0-9]{8}$/),
        bankDetails: { accountNumber: expect.any(String), instructions: expect.stringMatching(/"BLUUM-[A-Z0-9]{8}"/) },
      },
      expires_at: expect.stringMatching(/^\d{4}-/),
      received_at: null,
      failure_reason: null,
    });
    const id = idOf(created);
    await receiver.waitFor(1);
    const completed = await rig.call("POST", `/_emulator/transfers/${id}/complete`);
    expect(completed).toMatchObject({ status: 200, body: { status: "completed", completed_at: expect.any(String) } });
    const [, told] = await receiver.waitFor(2);
    expect(told?.payload).toMatchObject({ event: "transfer.deposit.completed", data: { id, status: "completed" } });
    const again = await rig.call("POST", `/_emulator/transfers/${id}/complete`);
    expect(again.status).toBe(409);
  });

  test("a manual deposit that is not completed expires permanently after seven days", async () => {
    const clock = steppedClock();
    await using rig = await startRig({ clock });
    const id = idOf(await send(rig, `${path}/deposits`, MANUAL));
    await until(
      () => clock.sleeping,
      (count) => count > 0,
    );
    clock.step();
    const look = async () => (await rig.call("GET", `${path}/deposits/${id}`)).body;
    await until(look, (each) => each["status"] === words.expired);
    expect((await rig.call("POST", `/_emulator/transfers/${id}/complete`)).status).toBe(409);
  });

  test("a manual deposit that was completed does not expire, and a withdrawal never does", async () => {
    const clock = steppedClock();
    await using rig = await startRig({ clock });
    const withdrawal = await send(rig, `${path}/withdrawals`, PAID_OUT);
    expect(withdrawal).toMatchObject({ status: 201, body: { status: "pending" } });
    const id = idOf(await send(rig, `${path}/deposits`, MANUAL));
    await rig.call("POST", `/_emulator/transfers/${id}/complete`);
    await until(
      () => clock.sleeping,
      (count) => count === 1,
    );
    clock.step();
    expect((await rig.call("GET", `${path}/deposits/${id}`)).body).toMatchObject({ status: "completed" });
  });

  test("an ACH deposit that is completed manually is not completed a second time", async () => {
    const clock = steppedClock();
    await using receiver = await startReceiver();
    await using rig = await startRig({ clock });
    await rig.subscribe(receiver.url, ["transfer.*"]);
    const id = idOf(await send(rig, `${path}/deposits`, ACH));
    await until(
      () => clock.sleeping,
      (count) => count > 0,
    );
    await rig.call("POST", `/_emulator/transfers/${id}/complete`);
    clock.step();
    rig.emulator.emit("transfer.later", { id });
    const events = (await receiver.waitFor(3)).map(({ payload }) => payload.event);
    expect(events).toEqual(["transfer.deposit.initiated", "transfer.deposit.completed", "transfer.later"]);
    expect(clock.sleeping).toBe(0);
    const stored = await rig.call("GET", `${path}/deposits/${id}`);
    expect(stored.body).toMatchObject({ status: "completed" });
  });

  test("a transfer can be canceled while it is pending, and not afterwards", async () => {
    await using rig = await startRig();
    const cancel = `${path}/withdrawals/${idOf(await send(rig, `${path}/withdrawals`, PAID_OUT))}/cancel`;
    expect(await rig.call("POST", cancel)).toMatchObject({ status: 200, body: { status: words.canceled } });
    expect((await rig.call("POST", cancel)).status).toBe(409);
  });

  test("lists are newest first, have the form of the generation, and can be filtered", async () => {
    await using rig = await startRig({ clock: steppedClock() });
    const made: string[] = [];
    for (const body of [MANUAL, { ...MANUAL, amount: "2.00" }, ACH]) {
      made.unshift(idOf(await send(rig, `${path}/deposits`, body)));
    }
    await rig.call("POST", `${path}/deposits/${made[1]}/cancel`);
    const list = async (query: string) => {
      const { status, body } = await rig.call("GET", `${path}/deposits${query}`);
      expect(status).toBe(200);
      const items = (body["data"] ?? body["deposits"]) as Json[];
      return { body, ids: items.map((each) => String(each["id"] ?? each["deposit_id"])) };
    };
    const { body, ids: all } = await list("");
    expect(all).toEqual(made);
    expect(body).toMatchObject("data" in body ? { object: "list", has_more: false } : { total: 3, limit: 50 });
    expect((await list("?method=ach")).ids).toEqual([made[0]]);
    expect((await list("?status=canceled")).ids).toEqual([made[1]]);
    expect((await list("?status=pending&method=manual_bank_transfer")).ids).toEqual([made[2]]);
    expect((await list("?currency=EUR")).ids).toEqual([]);
    expect((await list("?limit=1&offset=1")).ids).toEqual([made[1]]);
    const today = new Date().toISOString().slice(0, 10);
    expect((await list(`?date_from=2000-01-01&date_to=${today}`)).ids).toEqual(made);
    expect((await list("?date_to=2000-01-01")).ids).toEqual([]);
  });
});

function buyFor(rig: Rig, notional: string): Promise<Answer> {
  return rig.call("POST", `${INVESTOR}/orders`, { body: { ...MARKET_BUY, notional } });
}

describe("the effect of transfers on money", () => {
  test("a deposit can be spent once it is completed", async () => {
    await using rig = await startRig();
    const id = idOf(await send(rig, `${INVESTOR}/deposits`, MANUAL));
    expect((await buyFor(rig, "100200.00")).status).toBe(422);
    await rig.call("POST", `/_emulator/transfers/${id}/complete`);
    expect((await buyFor(rig, "100200.00")).status).toBe(201);
  });

  test.each([
    ["cancelled", (id: string) => `${INVESTOR}/withdrawals/${id}/cancel`],
    ["failed", (id: string) => `/_emulator/transfers/${id}/fail`],
  ])("a withdrawal deducts the money at once and returns it when it is %s", async (status, path) => {
    await using rig = await startRig();
    const id = idOf(await send(rig, `${INVESTOR}/withdrawals`, PAID_OUT));
    expect((await buyFor(rig, "100000.00")).status).toBe(422);
    const undone = await rig.call("POST", path(id));
    expect(undone).toMatchObject({ status: 200, body: { status } });
    expect((await buyFor(rig, "100000.00")).status).toBe(201);
  });
});

describe("idempotency keys", () => {
  test("the same key and body return the first response again and no second transfer; another body is a conflict", async () => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["transfer.*"]);
    const first = await send(rig, `${INVESTOR}/deposits`, MANUAL, "key");
    const second = await send(rig, `${INVESTOR}/deposits`, MANUAL, "key");
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get("x-request-id")).not.toBe(first.headers.get("x-request-id"));
    const other = await send(rig, `${INVESTOR}/deposits`, { ...MANUAL, amount: "1.00" }, "key");
    expect(other).toMatchObject({ status: 409, body: { error: { code: "BLUM-409-002" } } });
    const elsewhere = await send(rig, `${INVESTOR}/withdrawals`, PAID_OUT, "key");
    expect(elsewhere.status).toBe(409);

    // A later event, so that a second `initiated` would have come before it.
    await rig.call("POST", `/_emulator/transfers/${idOf(first)}/complete`);
    const events = (await receiver.waitFor(2)).map(({ payload }) => payload.event);
    expect(events).toEqual(["transfer.deposit.initiated", "transfer.deposit.completed"]);
  });

  test("a refused request does not use its key", async () => {
    await using rig = await startRig();
    expect((await send(rig, `${INVESTOR}/deposits`, { ...MANUAL, amount: "x" }, "key")).status).toBe(400);
    expect((await send(rig, `${INVESTOR}/deposits`, MANUAL, "key")).status).toBe(201);
  });
});
