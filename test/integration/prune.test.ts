import { expect, it } from "vitest";
import { sessionLock } from "../../src/features/webhooks/webhook-locks.ts";
import { prune, type Kept } from "../../src/features/webhooks/delete.ts";
import { openStore } from "../../src/store/store.ts";
import type { Webhook } from "../../src/bluum/wire/decode-webhook.ts";
import { openJournal } from "../support/journal.ts";
import { startFaultProxy, type Rule } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const LISTEN = ["listen", "--new", "--tunnel", "none", "--port", "0", "--timeout", "0.1s", "--json"];

/** Three webhooks left by `listen --new`, an active webhook of this machine, and an inactive one of another user. */
async function setUp(rules: Rule[] = []) {
  const { emulator, env, call } = await startSandbox();
  const { baseUrl } = await startFaultProxy(emulator.baseUrl, { rules });
  const run = (...args: string[]) => runInProcess(args, { ...env, BLUUM_BASE_URL: baseUrl });
  const created = async (...args: string[]) => /"webhookId": ?"(\w+)"/.exec((await run(...args)).stdout)?.[1] ?? "";
  const active = await created("register", "http://127.0.0.1:9/a", "--new", "--name", "active", "--json");
  const { id: foreign } = (await call("POST", "/webhooks", {
    name: "foreign",
    url: "http://127.0.0.1:9/b",
    eventTypeNames: ["*"],
  })) as { id: string };
  await call("PATCH", `/webhooks/${foreign}`, { status: "INACTIVE" });
  const left = [await created(...LISTEN), await created(...LISTEN), await created(...LISTEN)];
  const ids = async () => (await webhooksOf(call)).map(({ id }) => id).toSorted();
  return { run, env, baseUrl, active, foreign, left, ids };
}

type Document = { deleted: { webhookId: string }[]; kept: { webhookId: string; reason: string }[] };
const read = (stdout: string) => JSON.parse(stdout) as Document;

it("webhooks prune deletes the inactive webhooks of this machine, except the one that the next listen uses", async () => {
  const { run, active, foreign, left, ids } = await setUp();
  const before = await ids();
  const dry = await run("webhooks", "prune", "--dry-run", "--json");
  expect(read(dry.stdout)).toMatchObject({
    dryRun: true,
    deleted: [{ webhookId: left[0] }, { webhookId: left[1] }],
    kept: [{ webhookId: left[2], reason: "the next listen uses it again" }],
  });
  expect(await ids()).toEqual(before);
  const refused = await run("webhooks", "prune", "--json");
  expect([refused.error?.code, refused.code]).toEqual(["confirmation_required", 2]);
  expect(await ids()).toEqual(before);
  const done = await run("webhooks", "prune", "--yes", "--json");
  expect([done.code, read(done.stdout).deleted.map(({ webhookId }) => webhookId)]).toEqual([0, left.slice(0, 2)]);
  expect(new Set(await ids())).toEqual(new Set([active, foreign, left[2]]));
  const again = await run("webhooks", "prune", "--yes");
  expect([again.code, again.stdout]).toEqual([0, ""]);
  expect(again.stderr).toContain("No inactive webhooks to delete.");
});

it("the user sees what is deleted, and in which environment, before the question", async () => {
  const { run, left } = await setUp();
  const { stderr } = await run("webhooks", "prune");
  expect(stderr).toContain(`to delete ${left[0]}  `);
  expect(stderr).toContain(`kept ${left[2]}: the next listen uses it again`);
  expect(stderr).toMatch(/Delete 2 webhooks in sandbox\? The signing secrets cannot be recovered\./);
});

it("the webhook of a live session is kept", async () => {
  const { run, env, baseUrl, left, ids } = await setUp();
  await using store = await openStore({ folder: env["BLUUM_HOOKS_HOME"] ?? "" });
  await using _lock = await store.tryLock(sessionLock(baseUrl, left[0] ?? ""), { pid: 4711, since: 0, what: "listen" });
  const { kept } = read((await run("webhooks", "prune", "--yes", "--json")).stdout);
  expect(kept).toContainEqual(expect.objectContaining({ webhookId: left[0], reason: "process 4711 uses it" }));
  expect(await ids()).toContain(left[0]);
});

it("if a deletion fails, the earlier ones are reported, and the error gives the reason", async () => {
  const refusal = { kind: "answer", status: 403, body: "{}" } as const;
  const { run, left, ids } = await setUp([{ method: "DELETE", path: /webhooks/, after: 1, fault: refusal }]);
  const { code, stdout, error } = await run("webhooks", "prune", "--yes", "--json");
  expect([code === 0, error?.status]).toEqual([false, 403]);
  expect(read(stdout).deleted).toMatchObject([{ webhookId: left[0] }]);
  expect(await ids()).toContain(left[1]);
});

it("a webhook that was activated or deleted after the question is left unchanged", async () => {
  const { journal, id, webhook } = await openJournal();
  const [deleted, kept]: [Webhook[], Kept[]] = [[], []];
  const [active] = await journal.api.listWebhooks();
  const planned = [
    { ...active!, status: "INACTIVE" },
    { ...active!, id: "wh_gone", status: "INACTIVE" },
  ];
  await prune(journal, planned, { deleted: (each) => deleted.push(each), kept: (each) => kept.push(each) });
  expect(deleted).toEqual([]);
  expect(kept.map(({ webhook: each, reason }) => [each.id, reason])).toEqual([
    [id, "it has been activated meanwhile"],
    ["wh_gone", "it no longer exists"],
  ]);
  expect(await webhook()).toMatchObject({ status: "ACTIVE" });
});
