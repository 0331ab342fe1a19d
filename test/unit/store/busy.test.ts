import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Interrupted } from "../../../src/core/errors.ts";
import { Waits } from "../../../src/platform/waits.ts";
import { loadDriver } from "../../../src/store/driver.ts";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";
import { makeDelivery, VERIFIED } from "./support.ts";

const HOLDER = { pid: 4242, since: 1_795_000_000_000, what: "a test" };

function listenTo(waits: Waits): { said: string[]; first: Promise<string> } {
  const said: string[] = [];
  const first = new Promise<string>((resolve) =>
    waits.onSlow((what) => {
      said.push(what);
      resolve(what);
    }),
  );
  return { said, first };
}

/** Prevents the file of a store from being opened, or only from being written. */
async function keepBusy(folder: string, how: "EXCLUSIVE" | "IMMEDIATE"): Promise<() => void> {
  const hog = loadDriver().open(join(folder, "store.db"));
  hog.exec(`BEGIN ${how}`);
  let isHeld = true;
  const release = () => {
    if (isHeld) hog.close();
    isHeld = false;
  };
  onTestFinished(release);
  return release;
}

it("opening a store that another process keeps busy waits, reports it, and has a limit", async () => {
  const folder = tempFolder();
  await keepBusy(folder, "EXCLUSIVE");
  const waits = new Waits();
  const { said } = listenTo(waits);
  await expect(openStore({ folder, waits, busyTimeoutMs: 1_500 })).rejects.toMatchObject({
    code: "store_unavailable",
    message: expect.stringContaining("kept busy") as string,
  });
  expect(said).toEqual([`another process that keeps ${join(folder, "store.db")} busy`]);
});

it("the wait for a store ends with the signal", async () => {
  const folder = tempFolder();
  await keepBusy(folder, "EXCLUSIVE");
  const stop = new AbortController();
  const waits = new Waits();
  const { first } = listenTo(waits);
  const opening = openStore({ folder, waits, signal: stop.signal, busyTimeoutMs: 600_000 });
  void first.then(() => stop.abort(new Interrupted("SIGTERM", 143)));
  await expect(opening).rejects.toMatchObject({ exitCode: 143 });
});

it("a write waits for another process without blocking this thread", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder, busyTimeoutMs: 600_000 });
  const release = await keepBusy(folder, "IMMEDIATE");
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  onTestFinished(() => clearInterval(timer));
  const locked = store.tryLock("wh_1", HOLDER);
  await expect.poll(() => turns).toBeGreaterThan(20);
  release();
  expect(await locked).toBeDefined();
  await (await locked)?.[Symbol.asyncDispose]();
});

it("the wait for a lock has a limit, is reported, and ends with a signal that did not abort before", async () => {
  const folder = tempFolder();
  await using other = await openStore({ folder });
  await using _held = await other.tryLock("write", HOLDER);
  const stop = new AbortController();
  const waits = new Waits();
  const { said, first } = listenTo(waits);
  await using store = await openStore({ folder, waits, signal: stop.signal });
  const wait = { timeoutMs: 600_000, what: "somebody else" };
  const waiting = store.lock("write", HOLDER, wait);
  void first.then(() => stop.abort(new Interrupted("SIGTERM", 143)));
  await expect(waiting).rejects.toMatchObject({ exitCode: 143 });
  expect(said).toEqual(["somebody else"]);
  expect(await store.lock("write", HOLDER, { ...wait, timeoutMs: 50 })).toBeUndefined();
});

it("a released lock is acquired by the process that waits for it", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const held = await store.tryLock("write", HOLDER);
  const waiting = store.lock("write", HOLDER, { timeoutMs: 600_000, what: "somebody else" });
  await held?.[Symbol.asyncDispose]();
  const lock = await waiting;
  expect(lock).toBeDefined();
  await lock?.[Symbol.asyncDispose]();
});

it("the log of an earlier session is indexed between other work, and an interrupt ends that", async () => {
  const folder = tempFolder();
  {
    await using store = await openStore({ folder, busyTimeoutMs: 100 });
    const release = await keepBusy(folder, "IMMEDIATE");
    await store.accept(makeDelivery({ id: "dlv_1" }), VERIFIED, "sandbox");
    // What it cannot index now stays in its log.
    const closing = store[Symbol.asyncDispose]();
    await expect(closing).rejects.toMatchObject({ code: "store_unavailable" });
    release();
  }
  const stop = new AbortController();
  stop.abort(new Interrupted("SIGTERM", 143));
  await expect(openStore({ folder, signal: stop.signal })).rejects.toMatchObject({ exitCode: 143 });
  await using store = await openStore({ folder });
  expect(await store.list({})).toMatchObject([{ id: "dlv_1" }]);
});
