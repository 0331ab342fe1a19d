import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openStore } from "../../../src/store/store.ts";
import { tempFolder } from "../../support/temp.ts";

const holder = (what: string) => ({ pid: 4242, since: 1_795_000_000_000, what });

it("a lock is held once, by one handle of one store", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  await using other = await openStore({ folder });
  const lock = await store.tryLock("wh_1", holder("listen"));
  expect(lock).toBeDefined();
  expect(await store.tryLock("wh_1", holder("again"))).toBeUndefined();
  expect(await other.tryLock("wh_1", holder("other"))).toBeUndefined();
  expect(await other.holderOf("wh_1")).toEqual(holder("listen"));
  await lock?.[Symbol.asyncDispose]();
});

it("a released lock can be acquired again, and has no holder in between", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  await using other = await openStore({ folder });
  {
    await using lock = await store.tryLock("wh_1", holder("one"));
    expect(lock).toBeDefined();
  }
  expect(await store.holderOf("wh_1")).toBeUndefined();
  await using lock = await other.tryLock("wh_1", holder("two"));
  expect(lock).toBeDefined();
  expect(await store.holderOf("wh_1")).toEqual(holder("two"));
});

it("releasing twice leaves the next holder alone", async () => {
  await using store = await openStore({ folder: tempFolder() });
  const first = await store.tryLock("wh_1", holder("one"));
  await first?.[Symbol.asyncDispose]();
  await using second = await store.tryLock("wh_1", holder("two"));
  await first?.[Symbol.asyncDispose]();
  expect(second).toBeDefined();
  expect(await store.holderOf("wh_1")).toEqual(holder("two"));
});

it.each(["", "../../etc/passwd", "a/b\\c", "nul\0", "\u{1f512}", "x".repeat(5_000), "session https://a.test/v1 wh_1"])(
  "any name is valid, and names are independent: %j",
  async (name) => {
    await using store = await openStore({ folder: tempFolder() });
    await using lock = await store.tryLock(name, holder("one"));
    await using another = await store.tryLock(`${name}'`, holder("two"));
    expect(lock).toBeDefined();
    expect(another).toBeDefined();
    expect(await store.tryLock(name, holder("three"))).toBeUndefined();
  },
);

it("a lock that was never acquired has no holder", async () => {
  await using store = await openStore({ folder: tempFolder() });
  expect(await store.holderOf("wh_1")).toBeUndefined();
});

it("looking up the holder repeatedly never makes a free lock look held", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  await using other = await openStore({ folder });
  for (let round = 0; round < 20; round += 1) {
    const [lock] = await Promise.all([store.tryLock("wh_1", holder("one")), other.holderOf("wh_1")]);
    expect(lock).toBeDefined();
    await Promise.all([lock?.[Symbol.asyncDispose](), other.holderOf("wh_1")]);
  }
});

it("a lock writes nothing, so that it can be acquired on a full disk", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  await using _lock = await store.tryLock("wh_1", holder("one"));
  const files = readdirSync(join(folder, "locks"));
  expect(files).toEqual([expect.stringMatching(/\.lock$/)]);
  expect(files.map((file) => statSync(join(folder, "locks", file)).size)).toEqual([0]);
});
