import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { runShell, type ShellOptions } from "../../../src/platform/shell.ts";

function run(command: string, more: Partial<ShellOptions> = {}) {
  return runShell(command, {
    env: { PATH: process.env["PATH"] },
    deadlineMs: 10_000,
    signal: new AbortController().signal,
    killGroup: (groupId) => process.kill(-groupId, "SIGKILL"),
    ...more,
  });
}

/** A process that has not been awaited is still listed, but dead. */
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
};

it("returns the output of a command line, and how it ended", async () => {
  expect(await run("printf 'a\\nb' | tr a x; echo no >&2; exit 4")).toEqual({
    kind: "exited",
    code: 4,
    output: "x\nb",
    stderrEnd: "no\n",
  });
});

it("passes only the given variables", async () => {
  expect(await run("echo $OWN $HOME", { env: { PATH: process.env["PATH"], OWN: "1" } })).toMatchObject({
    output: "1\n",
  });
});

it("does not wait for background processes that it leaves, and ends them", async () => {
  const end = await run("sleep 60 & echo $!; echo done >&2", { deadlineMs: 20_000 });
  expect(end).toMatchObject({ kind: "exited", code: 0, stderrEnd: "done\n" });
  const pid = Number("output" in end ? end.output : "");
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it("ends a whole pipeline at the deadline, with everything it started", async () => {
  const end = await run("sleep 60 & echo $! >&2; sleep 60 | cat", { deadlineMs: 300 });
  expect(end.kind).toBe("timed-out");
  const pid = Number("stderrEnd" in end ? end.stderrEnd : "");
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

it("ends it with the signal, and rejects with the reason", async () => {
  const stop = new AbortController();
  const ended = run("sleep 60", { signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(ended).rejects.toThrow("enough");
  await expect(run("sleep 60", { signal: stop.signal })).rejects.toThrow("enough");
});
