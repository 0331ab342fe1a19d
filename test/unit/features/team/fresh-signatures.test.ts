import { expect, it } from "vitest";
import type { HeaderPair, StoredDelivery, Verification } from "../../../../src/core/delivery.ts";
import { readDelivery } from "../../../../src/core/delivery.ts";
import type { Warning } from "../../../../src/core/errors.ts";
import { sign, verify, type Scheme, SCHEMES } from "../../../../src/core/signature.ts";
import { FreshSignatures, openSignatures } from "../../../../src/features/team/fresh-signatures.ts";
import { sealTeamWebhook } from "../../../../src/features/team/team-webhook.ts";
import { newTeamKey } from "../../../../src/team/seal.ts";

const [OLD, NEW, OTHER] = ["whsec_b2xkIHNlY3JldA==", "whsec_bmV3IHNlY3JldA==", "whsec_b3RoZXIgc2VjcmV0"];
const RECEIVED_AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const NOW = RECEIVED_AT + 3_600_000;
const BODY = Buffer.from(JSON.stringify({ event: "order.filled", data: { id: "ord_1" } }));

function delivery(verification: Verification, headers: readonly HeaderPair[]): StoredDelivery {
  const request = { method: "POST", path: "/", headers: [...headers], body: BODY, receivedAt: RECEIVED_AT };
  return { ...readDelivery("d_1", request), seq: 1, environment: "sandbox", verification } as StoredDelivery;
}

function signedBy(secret: string, scheme: Scheme = "standard-webhooks", now = RECEIVED_AT): StoredDelivery {
  const headers = sign({ scheme, body: BODY, secret, id: "evt_1", now });
  const verification = verify({ headers, body: BODY, secrets: [secret], now: RECEIVED_AT });
  return delivery(verification, headers);
}

function signatures(secret: string | undefined, { current = secret, own = [] as readonly string[] } = {}) {
  const warnings: Warning[] = [];
  let reads = 0;
  const readSecret = async () => ((reads += 1), current);
  const warn = (warning: Warning) => void warnings.push(warning);
  const fresh = new FreshSignatures({ readSecret, ownSecrets: own, now: () => NOW, warn }, secret);
  return { fresh, warnings, reads: () => reads };
}

const verdict = (headers: readonly HeaderPair[], secret: string) =>
  verify({ headers, body: BODY, secrets: [secret], now: NOW }).verdict;

it.each(SCHEMES)("a delivery gets a new signature in its own scheme, %s, and keeps its event ID", async (scheme) => {
  const { fresh, reads } = signatures(OLD);
  const stored = signedBy(OLD, scheme);
  const { headers, body } = await fresh.renew(stored);
  expect(verify({ headers, body, secrets: [OLD], now: NOW })).toEqual({ ...stored.verification, verdict: "verified" });
  expect(headers.find(([name]) => name === "webhook-id")).toEqual(
    stored.headers.find(([name]) => name === "webhook-id"),
  );
  expect(reads()).toBe(0);
});

it("after another webhook was created, older deliveries are signed with its secret, which apps have now", async () => {
  const { fresh } = signatures(OLD, { current: NEW });
  const { headers } = await fresh.renew(signedBy(NEW));
  expect(verdict(headers, NEW)).toBe("verified");
  const changed = signatures(NEW);
  expect(verdict((await changed.fresh.renew(signedBy(OLD))).headers, NEW)).toBe("verified");
});

it("a secret of this machine is used if the team's is unknown, only if it has signed the delivery", async () => {
  const { fresh, warnings } = signatures(undefined, { own: [OTHER, OLD] });
  expect(verdict((await fresh.renew(signedBy(OLD))).headers, OLD)).toBe("verified");
  expect(warnings).toEqual([]);
  const foreign = signedBy(NEW);
  expect(await fresh.renew(foreign)).toBe(foreign);
  expect(warnings).toMatchObject([{ code: "secret_unknown", hint: expect.stringContaining("--resign") as unknown }]);
});

it.each([
  ["forged", delivery({ verdict: "mismatch" }, sign({ scheme: "hex", body: BODY, secret: OTHER, id: "e", now: NOW }))],
  ["unsigned", delivery({ verdict: "unsigned" }, [])],
])("a %s delivery is never signed, which is said once", async (_name, stored) => {
  const { fresh, warnings } = signatures(OLD);
  expect(await fresh.renew(stored)).toBe(stored);
  expect(await fresh.renew(stored)).toBe(stored);
  expect(warnings).toMatchObject([
    { code: "scheme_unknown", hint: expect.stringContaining("events show d_1") as unknown },
  ]);
});

const invite = { name: "acme", environment: "sandbox", databaseUrl: "", log: "log", key: newTeamKey() } as const;
const always = <Result>(work: () => Promise<Result>) => work();
const opened = (
  webhook: { id: string; secret?: string } | undefined,
  ownSecrets: readonly string[] = [],
  once: (work: () => Promise<unknown>) => Promise<unknown> = always,
) => {
  const sealed = webhook && sealTeamWebhook({ ...webhook, events: [] }, invite);
  const deps = {
    invite,
    log: { webhook: async () => sealed },
    link: { until: always, once },
    secrets: { learn: () => {} },
    bus: { publish: () => {} },
    clock: { now: () => NOW },
  };
  return openSignatures({ ownSecrets }, deps as unknown as Parameters<typeof openSignatures>[1]);
};

it("a session that could sign nothing is refused at its start, with the next step", async () => {
  await expect(opened({ id: "wh_1" })).rejects.toMatchObject({
    code: "webhook_secret_missing",
    hint: expect.stringContaining("BLUUM_WEBHOOK_SECRET") as unknown,
  });
  await opened({ id: "wh_1" }, [OLD]);
  await opened(undefined);
  const { headers } = await (await opened({ id: "wh_1", secret: OLD })).renew(signedBy(OLD));
  expect(verdict(headers, OLD)).toBe("verified");
});

it("a log that cannot be read any more ends the session elsewhere: the delivery is forwarded as received", async () => {
  const fresh = await opened({ id: "wh_1", secret: OLD }, [], () => Promise.reject(new Error("the log was replaced")));
  const foreign = delivery({ verdict: "unsigned" }, []);
  expect(await fresh.renew(foreign)).toBe(foreign);
});
