import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { closeServer, listenOnLoopback } from "../../../src/platform/loopback.ts";
import { describeWithPostgres } from "../../support/postgres.ts";
import { newTeam, roleOf } from "../../support/team-sandbox.ts";
import { newMachine, type Machine } from "../../support/team.ts";
import { tempFolder } from "../../support/temp.ts";

interface Service {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

describeWithPostgres("a server", () => {
  it("takes part with BLUUM_TEAM_INVITE alone", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const invite = (await ana.run(["team", "status", "--print-secret"])).stdout.trim();
    const env = { ...ana.env, BLUUM_TEAM_INVITE: invite };
    const server = newMachine(env, "hooks@server");
    const session = await server.listen();
    expect(await roleOf(session)).toMatchObject({ role: "owner" });
    const follower = await ana.listen(["--no-register"]);
    await team.publish("ord_1");
    expect(await follower.record("delivery")).toMatchObject({ origin: { member: "hooks@server" } });
    await session.stop();
    const again = await server.listen();
    expect(await roleOf(again)).toMatchObject({ role: "owner", position: 1 });
  });

  it("runs with the command and the environment of the compose example", async () => {
    const team = await newTeam(["ana@laptop"]);
    const [ana] = team.machines as [Machine];
    const example = readFileSync(new URL("../../../examples/compose.team.yaml", import.meta.url), "utf8");
    const { hooks } = (parse(example) as { services: Record<string, Service> }).services;
    const invite = (await ana.run(["team", "status", "--print-secret"])).stdout.trim();
    const given: Record<string, string> = { ...ana.env, BLUUM_TEAM_INVITE: invite };
    const env = Object.fromEntries(Object.keys(hooks?.environment ?? {}).map((name) => [name, given[name] ?? ""]));
    const free = createServer();
    const port = await listenOnLoopback(free, { port: 0, orNext: false, flag: "" });
    await closeServer(free);
    const ready = join(tempFolder(), "ready");
    // What differs here: the public URL, the network and the place of the file.
    const own: Record<string, string> = { "--public-url": `http://127.0.0.1:${port}`, "--ready-file": ready };
    const [command, ...words] = hooks?.command ?? [];
    const args = words.map((word, at) => own[words[at - 1] ?? ""] ?? (word === "0.0.0.0" ? "127.0.0.1" : word));
    expect(command).toBe("listen");
    const base = ana.env["BLUUM_BASE_URL"] ?? "";
    const server = newMachine({ ...env, BLUUM_BASE_URL: base }, "hooks@server");
    const session = await server.listen([...args, "--port", String(port)]);
    expect(await roleOf(session)).toMatchObject({ role: "owner" });
    expect(await team.webhooks()).toMatchObject([
      { url: expect.stringContaining(`http://127.0.0.1:${port}`) as unknown },
    ]);
    await expect.poll(() => existsSync(ready)).toBe(true);
    await team.publish("ord_1");
    expect(await session.record("delivery")).toMatchObject({ resourceId: "ord_1" });
  });
});
