import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock, type Clock } from "../../../src/platform/clock.ts";
import type { AgentEvent, AgentFailure } from "../../../src/tunnel/agent.ts";
import type { AgentRequest } from "../../../src/tunnel/agent-messages.ts";
import { remedyFor } from "../../../src/tunnel/explain.ts";
import { reopen } from "../../../src/tunnel/reopen.ts";
import { tempFolder } from "../../support/temp.ts";

const STAGE_LIMIT_MS = 60_000;

/** A program that fails to connect this number of times, then opens. It returns how often this process was called. */
function writeProgram(failures: number): URL {
  const file = join(tempFolder(), "program.mjs");
  writeFileSync(
    file,
    `let asked = 0;
     process.on("disconnect", () => process.exit());
     process.on("message", ({ type }) => {
       if (type !== "open") return;
       asked += 1;
       process.send(asked <= ${failures}
         ? { type: "failed", stage: "connect", text: "failed to establish tcp connection" }
         : { type: "bound", url: "asked " + asked });
     });`,
  );
  return pathToFileURL(file);
}

const driverOf = (file: URL) => ({
  agent: { file, hasChild: false },
  request: {} as AgentRequest,
  isFinal: (failure: AgentFailure) => remedyFor(failure).isFinal,
});

describe("reopening a lost tunnel", () => {
  it("tries at once, then at growing pauses of at most 5 s, with one process while connections are refused", async () => {
    const pausesMs: number[] = [];
    const clock: Clock = {
      now: () => 0,
      sleep: async (ms, signal) => {
        if (ms === STAGE_LIMIT_MS) return systemClock.sleep(ms, signal);
        pausesMs.push(ms);
      },
    };
    const { agent, url } = await reopen({
      driver: driverOf(writeProgram(7)),
      maxPauseMs: 4_000,
      limits: { start: STAGE_LIMIT_MS, connect: STAGE_LIMIT_MS, bind: STAGE_LIMIT_MS },
      clock,
      signal: new AbortController().signal,
      onEvent: () => {},
    });
    onTestFinished(() => agent.kill());
    expect(url).toBe("asked 8");
    expect(pausesMs).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it("uses another process after one that exited, whose exit is not an event of the new connection", async () => {
    const folder = tempFolder();
    const file = join(folder, "program.mjs");
    writeFileSync(
      file,
      `import { existsSync, writeFileSync } from "node:fs";
       const isFirst = !existsSync(${JSON.stringify(join(folder, "ran"))});
       writeFileSync(${JSON.stringify(join(folder, "ran"))}, "");
       process.on("disconnect", () => process.exit());
       process.on("message", () => isFirst ? process.abort() : process.send({ type: "bound", url: "http://up" }));`,
    );
    const events: AgentEvent[] = [];
    const { agent, url } = await reopen({
      driver: driverOf(pathToFileURL(file)),
      maxPauseMs: 4_000,
      limits: { start: STAGE_LIMIT_MS, connect: STAGE_LIMIT_MS, bind: STAGE_LIMIT_MS },
      clock: systemClock,
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
    onTestFinished(() => agent.kill());
    expect(url).toBe("http://up");
    expect(events).toEqual([]);
  });
});
