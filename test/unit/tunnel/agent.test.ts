import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../src/platform/clock.ts";
import { Agent, type AgentEvent } from "../../../src/tunnel/agent.ts";
import type { AgentRequest } from "../../../src/tunnel/agent-messages.ts";
import { tempFolder } from "../../support/temp.ts";

const request = { authtoken: "secret-token" } as AgentRequest;
const LIMITS = { start: 10_000, connect: 10_000, bind: 10_000 };
const never = new AbortController().signal;

/** An agent whose program does to its process what the SDK might. `open` is the body of its function for opening. */
function startProgram(open: string): { agent: Agent<AgentRequest>; folder: string } {
  const folder = tempFolder();
  const file = join(folder, "program.mjs");
  writeFileSync(
    file,
    `import { writeFileSync } from "node:fs";
     const folder = ${JSON.stringify(folder)};
     const bound = () => process.send({ type: "bound", url: "http://up" });
     process.on("disconnect", () => process.exit());
     process.on("message", ({ type, request }) => { if (type === "open") { ${open} } });`,
  );
  const agent = new Agent<AgentRequest>({ file: pathToFileURL(file), hasChild: false }, systemClock);
  onTestFinished(() => agent.kill());
  return { agent, folder };
}

describe("the agent's process", () => {
  it("may abort while it opens: that is a failed opening", async () => {
    const { agent } = startProgram(`process.abort();`);
    await expect(agent.open(request, LIMITS, never, () => {})).rejects.toMatchObject({
      kind: "exited",
      stage: "start",
      message: expect.stringContaining("SIGABRT"),
    });
  });

  it("may abort once it is open: that is an event", async () => {
    const { agent } = startProgram(`bound(); setTimeout(() => process.abort(), 10);`);
    const event = new Promise<AgentEvent>((resolve) => void agent.open(request, LIMITS, never, resolve));
    expect(await event).toBe("exited");
    expect(agent.isGone).toBe(true);
  });

  it("may abort at once after it has opened: that is an event too", async () => {
    const { agent } = startProgram(`process.send({ type: "bound", url: "http://up" }, () => process.abort());`);
    const events: AgentEvent[] = [];
    const exited = new Promise<void>((resolve) => {
      void agent.open(request, LIMITS, never, (event) => {
        events.push(event);
        resolve();
      });
    });
    await exited;
    expect(events).toEqual(["exited"]);
  });

  it("reports what comes together with its URL", async () => {
    const { agent } = startProgram(
      `const missed = { type: "heartbeat", isMissed: true };
       process.send({ type: "bound", url: "http://up" }); process.send(missed);
       for (const end = Date.now() + 100; Date.now() < end; );`,
    );
    const event = new Promise<AgentEvent>((resolve) => void agent.open(request, LIMITS, never, resolve));
    // Both messages are read in one turn.
    for (const end = Date.now() + 500; Date.now() < end;);
    expect(await event).toBe("missed");
  });

  it("may hang: the stage's limit ends the opening, and kill ends the process", async () => {
    const { agent } = startProgram(`process.send({ type: "started" }, () => { for (;;); });`);
    await expect(agent.open(request, { ...LIMITS, connect: 200 }, never, () => {})).rejects.toMatchObject({
      kind: "timed-out",
      stage: "connect",
    });
    await agent.kill();
    expect(agent.isGone).toBe(true);
  });

  it("may ignore a close: the limit ends it", async () => {
    const { agent } = startProgram(`bound();`);
    await agent.open(request, LIMITS, never, () => {});
    await agent.close(100);
    expect(agent.isGone).toBe(true);
  });

  it("gets the token by message only, and nothing of our environment or streams", async () => {
    const { agent, folder } = startProgram(
      `
      const { argv, execArgv, env } = process;
      const streams = [1, 2].map((fd) => fstatSync(fd).isCharacterDevice());
      writeFileSync(folder + "/seen.json", JSON.stringify({ argv, execArgv, env, streams, token: request.authtoken }));
      bound();`.replace("fstatSync", `process.getBuiltinModule("node:fs").fstatSync`),
    );
    await agent.open(request, LIMITS, never, () => {});
    const seen = JSON.parse(readFileSync(join(folder, "seen.json"), "utf8")) as {
      argv: string[];
      execArgv: string[];
      env: Record<string, string>;
      streams: boolean[];
      token: string;
    };
    expect(seen.token).toBe("secret-token");
    expect([...seen.argv, ...seen.execArgv].join(" ")).not.toContain("secret-token");
    expect(Object.keys(seen.env).filter((name) => !name.startsWith("NODE_CHANNEL_"))).toEqual([]);
    // /dev/null is a character device; a pipe to this process, or its own stdout, is not.
    expect(seen.streams).toEqual([true, true]);
  });

  it("is not opened after the user has stopped it", async () => {
    const { agent } = startProgram(`bound();`);
    await expect(agent.open(request, LIMITS, AbortSignal.abort("stopped"), () => {})).rejects.toBe("stopped");
  });

  it("that cannot start is a failed opening", async () => {
    const agent = new Agent<AgentRequest>(
      { file: pathToFileURL(join(tempFolder(), "none.mjs")), hasChild: false },
      systemClock,
    );
    await expect(agent.open(request, LIMITS, never, () => {})).rejects.toMatchObject({ kind: "exited" });
    await agent.kill();
  });
});
