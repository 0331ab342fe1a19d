import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { bundling, root } from "../../scripts/bundling.js";
import type { Recurrence } from "../../src/core/delivery.ts";
import { openStore } from "../../src/store/store.ts";
import { tempFolder } from "../support/temp.ts";

/** Inside node_modules, so that the program finds libsql. */
const PROGRAM = `${root}node_modules/.cache/bluum-hooks/store-child-${process.pid}.mjs`;

beforeAll(async () => {
  await build({
    ...bundling,
    input: "test/integration/store-child.ts",
    output: { file: PROGRAM, format: "esm", codeSplitting: false },
  });
});

afterAll(() => rm(PROGRAM, { force: true }));

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(...args: string[]): Child {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function kill(child: Child): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** All output of the process; stderr must be empty. */
async function finish(child: Child): Promise<unknown[]> {
  const stderr: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
  const said: unknown[] = [];
  for await (const line of createInterface(child.stdout)) said.push(JSON.parse(line));
  expect(stderr.join("")).toBe("");
  return said;
}

it("processes that start in one empty folder at once agree on one first delivery and number the rest", async () => {
  const folder = tempFolder();
  const said = await Promise.all([1, 2, 3].map(() => finish(start("append", folder, "evt_1", "40"))));
  const recurrences = said.flat() as Recurrence[];
  expect(recurrences.filter((recurrence) => recurrence.kind === "first")).toHaveLength(1);
  expect(recurrences.map((recurrence) => recurrence.attempt).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 120 }, (_, index) => index + 1),
  );
  const firstIds = new Set(recurrences.flatMap((recurrence) => recurrence.duplicateOf ?? []));
  expect(firstIds.size).toBe(1);
});

it("a lock ends with a process that is killed", async () => {
  const folder = tempFolder();
  await using store = await openStore({ folder });
  const child = start("hold", folder, "wh_1");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  expect(line).toBe("true");
  const holder = { pid: child.pid, since: 1_795_000_000_000, what: "a test" };
  expect(await store.tryLock("wh_1", { pid: 1, since: 1, what: "x" })).toBeUndefined();
  expect(await store.holderOf("wh_1")).toEqual(holder);
  await kill(child);
  expect(await store.holderOf("wh_1")).toBeUndefined();
  await using lock = await store.tryLock("wh_1", { pid: 1, since: 1, what: "x" });
  expect(lock).toBeDefined();
});

it("every delivery that a killed process had reported as durable is stored", async () => {
  const folder = tempFolder();
  const child = start("flood", folder);
  const safe: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    safe.push(...(JSON.parse(line) as string[]));
    if (safe.length >= 400) break;
  }
  await kill(child);
  await using store = await openStore({ folder });
  const ids = new Set((await store.list({})).map((delivery) => delivery.id));
  expect(safe.filter((id) => !ids.has(id))).toEqual([]);
});
