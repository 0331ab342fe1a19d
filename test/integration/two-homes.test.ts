import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { startSession, type Session } from "../support/session.ts";
import { tempFolder } from "../support/temp.ts";
import { openStore } from "../../src/store/store.ts";

const MINE = "http://127.0.0.1:9/mine";

/** One webhook, and two homes whose sessions can use it. */
async function twoHomes() {
  const { env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "shared",
    url: MINE,
    eventTypeNames: ["account.*"],
    description: "as it was",
  })) as { id: string };
  const homeOf = () => ({ ...env, BLUUM_HOOKS_HOME: tempFolder() });
  const [a, b] = [homeOf(), homeOf()];
  const listen = ["--tunnel", "none", "--webhook", id];
  return {
    id,
    call,
    a,
    b,
    before: await webhooksOf(call),
    webhooks: () => webhooksOf(call),
    url: async () => (await webhooksOf(call))[0]?.url,
    listen: (home: typeof a, ...more: string[]) => startSession([...listen, ...more], home),
    run: (home: typeof a, ...args: string[]) => runInProcess([...args, "--json"], home),
    tryToListen: (home: typeof a, ...more: string[]) =>
      runInProcess(["listen", ...listen, "--port", "0", "--timeout", "0.1s", "--json", ...more], home),
  };
}

const urlOf = async (session: Session) => String((await session.record("ready"))["publicUrl"]);

describe("a webhook that a session with another home has", () => {
  it("is not taken over without a confirmation", async () => {
    const { a, b, url, listen, tryToListen } = await twoHomes();
    const session = await listen(a);
    const { code, error } = await tryToListen(b);
    expect([code, error?.code]).toEqual([2, "confirmation_required"]);
    expect(error?.message).toContain("another session uses it");
    expect(await url()).toBe(await urlOf(session));
  });

  it("is found by its name from there, and not taken over without a confirmation either", async () => {
    const { a, b, call, id, url, listen } = await twoHomes();
    await call("PATCH", `/webhooks/${id}`, { name: "ours" });
    const session = await listen(a);
    const args = ["listen", "--tunnel", "none", "--port", "0", "--name", "ours", "--timeout", "0.1s", "--json"];
    expect((await runInProcess(args, b)).error?.code).toBe("confirmation_required");
    expect(await url()).toBe(await urlOf(session));
  });

  it.each([
    ["the first session", "the second"],
    ["the second session", "the first"],
  ])("is restored to the state before both, when %s ends before %s", async (first) => {
    const { a, b, before, webhooks, url, listen } = await twoHomes();
    const one = await listen(a);
    const other = await listen(b, "--yes");
    expect(await url()).toBe(await urlOf(other));
    const order = first === "the first session" ? [one, other] : [other, one];
    const ends = [];
    for (const session of order) ends.push(await session.stop());
    expect(await webhooks()).toEqual(before);
    // An interrupt ends a session, but does not prevent it from detecting the other session.
    expect(ends.map(({ code, error }) => [code, error])).toEqual([
      [130, undefined],
      [130, undefined],
    ]);
    expect(await other.record("restored")).toMatchObject({ action: "restored" });
  });

  it("is restored to the state before all, however often it is taken over", async () => {
    const { a, b, before, webhooks, listen } = await twoHomes();
    const sessions = [await listen(a), await listen(b, "--yes")];
    await sessions[0]?.stop();
    sessions.push(await listen(a, "--yes"));
    for (const session of sessions) await session.stop();
    expect(await webhooks()).toEqual(before);
  });

  it("is deactivated at the end, if the first session has created it", async () => {
    const { a, b, webhooks } = await twoHomes();
    const one = await startSession(["--tunnel", "none", "--new"], a);
    const { webhookId } = await one.record("ready");
    const other = await startSession(["--tunnel", "none", "--webhook", String(webhookId), "--yes"], b);
    await one.stop();
    await other.stop();
    expect((await webhooks()).find(({ id }) => id === webhookId)).toMatchObject({ status: "INACTIVE" });
  });

  it("is rolled back to the state before the session, after a promotion from another home", async () => {
    const { a, b, id, before, webhooks, listen, run } = await twoHomes();
    const session = await listen(a);
    const promote = ["promote", "https://8.8.8.8/hooks", "--webhook", id, "--skip-checks", "--yes"];
    expect((await run(b, ...promote)).code).toBe(0);
    await session.stop();
    expect((await run(b, "promote", "--rollback", "--webhook", id, "--yes")).code).toBe(0);
    expect(await webhooks()).toEqual(before);
  });

  it("is restored to a killed session's URL, whose home still knows the state before", async () => {
    const { a, b, id, call, before, webhooks, url, listen, run } = await twoHomes();
    const dead = "http://127.0.0.1:9/killed";
    const store = await openStore({ folder: a["BLUUM_HOOKS_HOME"] });
    const was = { name: "shared", url: MINE, events: ["account.*"], status: "ACTIVE", description: "as it was" };
    const place = { environment: "sandbox", baseUrl: String((a as Record<string, string>)["BLUUM_BASE_URL"]) };
    const { id: change } = await store.changes.plan({
      ...place,
      kind: "session",
      webhookId: id,
      before: was,
      after: { ...was, url: dead },
      onExit: "restore",
    });
    await store.changes.update(change, { state: "applied" });
    await store[Symbol.asyncDispose]();
    await call("PATCH", `/webhooks/${id}`, { url: dead });

    const session = await listen(b);
    const meanwhile = await run(a, "restore");
    expect(JSON.parse(meanwhile.stdout)).toMatchObject({ restored: [], live: 1 });
    expect(await url()).toBe(await urlOf(session));
    await session.stop();
    expect((await run(a, "restore")).code).toBe(0);
    expect(await webhooks()).toEqual(before);
  });
});

describe("a client that only knows the URL of a listener", () => {
  async function get(url: string, headers: Record<string, string>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      request(url, { headers }, (response) => {
        const { statusCode, rawHeaders } = response;
        response.setEncoding("utf8");
        let body = "";
        response.on("data", (text: string) => (body += text));
        response.on("end", () => resolve({ statusCode, body, names: rawHeaders.filter((_, at) => at % 2 === 0) }));
      })
        .on("error", reject)
        .end();
    });
  }

  it("gets the same response, whether or not it asks like a peer", async () => {
    const { a, listen } = await twoHomes();
    const url = await urlOf(await listen(a));
    const plain = await get(url, {});
    expect(plain).toMatchObject({ statusCode: 405 });
    for (const question of ["", "1", `1 ${Date.now()} ${"0".repeat(32)} ${"0".repeat(64)}`, "2 x y z"]) {
      expect(await get(url, { "bluum-hooks-peer": question })).toEqual(plain);
    }
  });
});
