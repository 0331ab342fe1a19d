import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, it } from "vitest";
import { closeServer, listenOnLoopback } from "../../src/platform/loopback.ts";
import { runCli } from "../support/cli.ts";
import { openStore } from "../../src/store/store.ts";
import { runInProcess } from "../support/in-process.ts";
import {
  builtinsAmong,
  charactersOf,
  DIST,
  expectNoneOf,
  HEAVY,
  helpLoadsLittle,
  loadedBy,
  loadsUndiciOfNode,
} from "../support/loaded.ts";
import { tempFolder } from "../support/temp.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";

it.each([
  ["--version"],
  ["-V"],
  ["--help"],
  ["-h"],
  ["listen --help"],
  ["trigger order -h"],
  ["help events replay"],
  ["help"],
])("%s loads only the entry", (line) => {
  const loaded = loadedBy(line.split(" "));
  expect(Object.keys(loaded.files)).toEqual(["bluum-hooks.js", "entry.cjs"]);
  expect(loaded.segmenters).toBe(0);
  expect(loadsUndiciOfNode(loaded)).toBe(false);
});

// startup.slow.test.ts has every command.
helpLoadsLittle(["listen", "events", "config"]);

it("a TAB loads no undici, atomically, store or emulator", () => {
  const loaded = loadedBy(["completion", "bash", "complete", "--", "listen", "--eve"]);
  expect(Object.keys(loaded.files).join("\n")).toContain("completion");
  expectNoneOf(HEAVY, loaded);
});

it("commands that only print load no undici and create no segmenter", () => {
  const loaded = loadedBy(["trigger", "order", "--dry-run", "--env", "emulator"], { BLUUM_HOOKS_HOME: tempFolder() });
  expectNoneOf(["undici", "store"], loaded);
  expect(loadsUndiciOfNode(loaded)).toBe(false);
  expect(loaded.segmenters).toBe(0);
  expect(builtinsAmong(["child_process", "http", "tls", "zlib"], loaded)).toEqual([]);
  expect(Object.keys(loaded.files).length).toBeLessThan(15);
  expect(charactersOf(loaded)).toBeLessThan(560_000);
});

it("commands that read the store open no connection and load no undici", async () => {
  const home = tempFolder();
  await using store = await openStore({ folder: home });
  const { id } = await store.append(makeDelivery(), VERIFIED, "emulator");
  // Its line is "502 → app ✗", which is not ASCII.
  store.recordAnswer({ id }, { status: 502, durationMs: 1 });
  const outcome = { kind: "failed", startedAt: 0, durationMs: 1, reason: "refused", message: "" } as const;
  store.recordForward({ deliveryId: id, cause: "live", url: "http://127.0.0.1:1/", outcome });
  await store.flush();
  const loaded = loadedBy(["events", "list", "--env", "emulator"], { BLUUM_HOOKS_HOME: home });
  expectNoneOf(["undici", "atomically", "emulator"], loaded);
  expect(loaded.segmenters).toBe(0);
  expect(builtinsAmong(["http", "tls", "zlib"], loaded)).toEqual([]);
  expect(Object.keys(loaded.files).length).toBeLessThan(26);
  expect(charactersOf(loaded)).toBeLessThan(680_000);
});

it("doctor loads neither undici nor the ngrok SDK for the emulator", () => {
  const loaded = loadedBy(["doctor", "--env", "emulator"], { BLUUM_HOOKS_HOME: tempFolder() });
  expectNoneOf(["undici", "atomically", "emulator"], loaded);
  expect(Object.keys(loaded.files).join("\n")).not.toContain("ngrok");
  expect(builtinsAmong(["tls", "zlib"], loaded)).toEqual([]);
  expect(charactersOf(loaded)).toBeLessThan(680_000);
});

it("mcp loads the protocol, and nothing that only its tools need", () => {
  const loaded = loadedBy(["mcp"], { BLUUM_HOOKS_HOME: tempFolder() });
  expectNoneOf(HEAVY, loaded);
  expect(loadsUndiciOfNode(loaded)).toBe(false);
  expect(charactersOf(loaded)).toBeLessThan(1_300_000);
});

it("the protocol with agents answers before the program is loaded: its file needs no other", () => {
  const file = readdirSync(DIST).find((name) => name.startsWith("protocol-")) ?? "";
  const required = readFileSync(join(DIST, file), "utf8").matchAll(/require\("\.\/([^"]+)"\)/g);
  expect([...required].map(([, name = ""]) => name.replace(/-[^-]*$/, ""))).toEqual(["rolldown-runtime"]);
});

it("listen with an emulator loads one undici, and few files", async () => {
  // A free port.
  const server = createServer();
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  await closeServer(server);
  const args = ["listen", "--env", "emulator", "--base-url", `http://127.0.0.1:${port}/v1`, "--port", "0"];
  const loaded = loadedBy([...args, "--trigger", "order", "--count", "1"], { BLUUM_HOOKS_HOME: tempFolder() });
  expect(loadsUndiciOfNode(loaded)).toBe(false);
  expectNoneOf(["postgres"], loaded);
  expect(Object.keys(loaded.files).length).toBeLessThan(30);
  expect(charactersOf(loaded)).toBeLessThan(1_150_000);
});

it.each([["--help"], ["listen --help"], ["trigger order -h"], ["help webhooks update"], ["help"]])(
  "%s prints the same as the program itself",
  async (line) => {
    const { stdout } = await runInProcess(line.split(" "), {});
    expect(stdout).toContain("Usage:\n  bluum-hooks");
    expect(await runCli(line.split(" "))).toMatchObject({ code: 0, stdout });
  },
);

it("the program answers a request for the help of an unknown command", async () => {
  const end = await runCli(["help", "lisen"]);
  expect(end).toMatchObject({ code: 2, stdout: "" });
  expect(end.stderr).toContain("unknown command");
});

it.each([
  ["store-thread.cjs", 150_000],
  ["ngrok-agent.cjs", 20_000],
])("%s, a separate process or thread, loads little", (entry, limit) => {
  const files = [entry];
  for (const file of files) {
    const imported = readFileSync(join(DIST, file), "utf8").matchAll(/^const \w+ = require\("\.\/([^"]+)"\);$/gm);
    files.push(...[...imported].flatMap(([, name = ""]) => (files.includes(name) ? [] : [name])));
  }
  const sizes = files.map((file) => statSync(join(DIST, file)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limit);
});

it("--version prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(join(DIST, "../package.json"), "utf8")) as { version: string };
  expect((await runCli(["--version"])).stdout).toBe(`${version}\n`);
});
