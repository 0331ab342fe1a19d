import { expect, it } from "vitest";
import { type NewTransfer, transferRequest, type TransferKind } from "../../src/bluum/client.ts";
import type { Owner } from "../../src/core/id-rules.ts";
import { newId } from "../../src/platform/ids.ts";
import { INVESTOR, type Json, startRig, until } from "../integration/emulator-support/client.ts";
import { startReceiver } from "../integration/emulator-support/receiver.ts";
import { ask, codeOf, keyed } from "./ask.ts";
import { type Asked, ownerOf, published, publishedHere } from "./page.ts";

const MANUAL: NewTransfer = { amount: "10.00", currency: "USD", method: "manual_bank_transfer" };
const ACH = { amount: "10.00", currency: "USD", method: "ach" };

const send = ({ api }: Asked, kind: TransferKind, owner: Owner, changes: Partial<NewTransfer> = {}) =>
  api.createTransfer(transferRequest(kind, owner, { ...MANUAL, ...changes }, newId("contract")));

published("concepts/funding", (asked) => {
  it.for(["manual_bank_transfer", "wire", "international_wire", "card"])(
    "a deposit by %s needs no linked bank",
    async (method, context) => {
      const owner = ownerOf(asked().target, "current", context);
      expect(await send(asked(), "deposit", owner, { method })).toMatchObject({ status: "pending", method });
    },
  );

  it("a manual deposit is pending, and has a reference that its sender must quote", async () => {
    for (const owner of asked().target.owners) {
      const deposit = await send(asked(), "deposit", owner);
      expect(deposit).toMatchObject({ status: "pending", referenceCode: expect.stringMatching(/\S/) as string });
    }
  });

  it("a withdrawal names its funding source", async ({ skip }) => {
    const { fundingSourceId, owners } = asked().target;
    skip(fundingSourceId === undefined, "no linked bank");
    for (const owner of owners) {
      const withdrawal = await send(asked(), "withdrawal", owner, { fundingSourceId });
      expect(withdrawal).toMatchObject({ amount: "10.00", currency: "USD", status: "pending" });
      expect(withdrawal.id).toMatch(owner.generation === "current" ? /^wd_/ : /^wdr_/);
    }
  });

  it.for(["ach", "wire", "international_wire", "manual_bank_transfer"])(
    "a withdrawal by %s without a funding source is refused: 400",
    async (method, context) => {
      const { investorId } = ownerOf(asked().target, "current", context);
      const body = { ...ACH, method };
      const call = { method: "POST", path: `/investors/${investorId}/withdrawals`, body, headers: keyed() } as const;
      const refused = await ask(asked().target, call);
      expect([refused.status, codeOf(refused)]).toEqual([400, "BLUM-400-002"]);
    },
  );

  it("an ACH deposit without a linked bank is refused: 400", async (context) => {
    const { investorId } = ownerOf(asked().target, "current", context);
    const call = { method: "POST", path: `/investors/${investorId}/deposits`, body: ACH, headers: keyed() } as const;
    expect((await ask(asked().target, call)).status).toBe(400);
  });
});

published("example-neo-bank/docs/ach-deposit-withdrawal-contract.md", (asked) => {
  it.for(["deposits", "withdrawals"])("ACH %s of an account name no bank", async (list, context) => {
    const { accountId } = ownerOf(asked().target, "legacy", context);
    const call = { method: "POST", path: `/accounts/${accountId}/${list}`, body: ACH, headers: keyed() } as const;
    const answer = await ask(asked().target, call);
    expect(answer).toMatchObject({ status: 201, body: { method: "ach", status: "pending", amount: "10.00" } });
  });
});

published("get-started/how-the-api-works", (asked) => {
  it("a deposit requires an idempotency key, and its key with another amount is a conflict: 409", async () => {
    const { api, target } = asked();
    for (const owner of target.owners) {
      const key = newId("contract");
      await api.createTransfer(transferRequest("deposit", owner, MANUAL, key));
      const other = api.createTransfer(transferRequest("deposit", owner, { ...MANUAL, amount: "11.00" }, key));
      await expect(other).rejects.toMatchObject({ code: "api_conflict" });
      const path = owner.generation === "current" ? `/investors/${owner.investorId}` : `/accounts/${owner.accountId}`;
      const unkeyed = await ask(target, { method: "POST", path: `${path}/deposits`, body: MANUAL });
      expect([unkeyed.status, codeOf(unkeyed)]).toEqual([400, "BLUM-400-002"]);
    }
  });
});

published("concepts/wallets", (asked) => {
  it("an investor has wallets for USD, NGN and KES, and each balance is what is available and reserved", async (context) => {
    const { investorId } = ownerOf(asked().target, "current", context);
    const { body } = await ask(asked().target, { path: `/investors/${investorId}/wallets` });
    const wallets = body["data"] as Record<string, string>[];
    expect(wallets.map(({ currency }) => currency)).toEqual(expect.arrayContaining(["USD", "NGN", "KES"]));
    for (const { balance, available_balance: available, reserved_balance: reserved } of wallets) {
      expect(Number(balance)).toBeCloseTo(Number(available) + Number(reserved), 6);
    }
  });
});

publishedHere("concepts/wallets", () => {
  it.each(["NGN", "GBP", "EUR", "KES"])("money in %s moves in and out of a wallet of its own", async (currency) => {
    await using receiver = await startReceiver();
    await using rig = await startRig();
    await rig.subscribe(receiver.url, ["transfer.*"]);
    const wallets = async () => {
      const { body } = await rig.call("GET", `${INVESTOR}/wallets`);
      return Object.fromEntries((body["data"] as Json[]).map((wallet) => [wallet["currency"], wallet["balance"]]));
    };
    const move = (kind: TransferKind, amount: string) => {
      const body = { ...ACH, amount, currency, funding_source_id: "fs_1" };
      return rig.call("POST", `${INVESTOR}/${kind}s`, { body, headers: keyed() });
    };
    const before = await wallets();
    const broke = await move("withdrawal", "1.00");
    expect(broke).toMatchObject({ status: 422, body: { error: { code: "BLUM-422-001" } } });
    expect(await move("deposit", "250.00")).toMatchObject({ status: 201, body: { currency } });
    await until(wallets, (each) => each[currency] === "250.00");
    expect((await move("withdrawal", "100.50")).status).toBe(201);
    expect(await wallets()).toEqual({ ...before, [currency]: "149.50" });
    const [told] = await receiver.waitFor(1);
    expect(told?.payload.data).toMatchObject({ currency, amount: "250.00" });
    const listed = await rig.call("GET", `${INVESTOR}/transactions?currency=${currency}`);
    expect(listed.body["data"]).toHaveLength(2);
  });
});
