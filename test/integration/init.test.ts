import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Context, Question } from "../../src/context.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

/** A folder with these files, in which `init` runs. */
function folderWith(files: Readonly<Record<string, string>> = {}) {
  const cwd = tempFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const env = { BLUUM_HOOKS_HOME: tempFolder() };
  const read = (name: string) => readFileSync(join(cwd, name), "utf8");
  const json = (name: string) => JSON.parse(read(name)) as Record<string, unknown>;
  const init = (
    args: readonly string[],
    more: Partial<Context> = {},
    variables: Readonly<Record<string, string>> = {},
  ) => runInProcess(["init", ...args], { ...env, ...variables }, { cwd, ...more });
  const effects = async (...args: string[]) => {
    const { stdout, stderr } = await init([...args, "--yes", "--json"]);
    if (stdout === "") throw new Error(stderr);
    const { files: written } = JSON.parse(stdout) as { files: { path: string; effect: string }[] };
    return Object.fromEntries(written.map(({ path, effect }) => [path, effect]));
  };
  return { cwd, read, json, init, effects };
}

/** A user at a terminal, who answers what is asked. */
function user(answers: Readonly<Record<string, string>>, agrees = true) {
  const asked: string[] = [];
  const answer = (message: string) => Object.entries(answers).find(([start]) => message.startsWith(start))?.[1] ?? "";
  return {
    asked,
    context: {
      isInteractive: true,
      ask: async ({ message, validate }: Question) => {
        asked.push(message);
        expect(validate?.(answer(message))).toBeUndefined();
        return answer(message);
      },
      confirm: async (question: string) => {
        asked.push(question);
        return agrees;
      },
    } satisfies Partial<Context>,
  };
}

describe("init in an empty folder", () => {
  it("writes the settings, names of variables, and a handler that can be started", async () => {
    const { effects, json, read, cwd } = folderWith();
    expect(await effects("--framework", "express", "--port", "3100", "--path", "/hooks")).toEqual({
      "bluum-hooks.json": "created",
      "server.js": "created",
      "inbox.js": "created",
      "package.json": "created",
      ".env.example": "created",
    });
    expect(json("bluum-hooks.json")).toEqual({ path: "/hooks", forwardTo: 3100, events: ["order.*", "transfer.*"] });
    expect(json("package.json")).toMatchObject({
      type: "module",
      scripts: { start: "node server.js", webhooks: "npx bluum-hooks listen" },
      dependencies: { express: expect.any(String) as string },
    });
    expect(read("server.js")).toContain('app.post("/hooks"');
    expect(read("server.js")).toContain('PORT = "3100"');
    expect(read(".env.example")).toMatch(/^BLUUM_WEBHOOK_SECRET=$/m);
    expect(read(".env.example").match(/=./g)).toBeNull();
    expect(readdirSync(cwd)).toHaveLength(5);
  });

  it("writes no handler without a framework", async () => {
    expect(Object.keys(await folderWith().effects())).toEqual(["bluum-hooks.json", ".env.example"]);
  });

  it("moves a route that is a folder", async () => {
    const { effects } = folderWith();
    const files = Object.keys(await effects("--framework", "nextjs", "--path", "/api/hooks"));
    expect(files).toContain("app/api/hooks/route.ts");
  });

  it("changes nothing when it runs again", async () => {
    const { effects } = folderWith();
    await effects("--framework", "fastify", "--env", "emulator");
    const again = await effects("--framework", "fastify", "--handler");
    expect(new Set(Object.values(again))).toEqual(new Set(["unchanged"]));
    expect(Object.keys(again)).toContain("server.js");
  });

  it("completes the package.json of a project that has installed only this program", async () => {
    const { effects, json } = folderWith({
      "package.json": '{\n  "dependencies": {\n    "bluum-hooks": "0.2.0"\n  }\n}\n',
    });
    expect(await effects("--framework", "hono")).toMatchObject({ "package.json": "added", "server.js": "created" });
    expect(json("package.json")).toMatchObject({
      type: "module",
      scripts: { start: "node server.js", webhooks: "bluum-hooks listen" },
      dependencies: { "bluum-hooks": "0.2.0", hono: expect.any(String) as string },
    });
  });
});

describe("init in a project", () => {
  const EXPRESS =
    '{\n    "scripts": {\n        "start": "node app.js"\n    },\n    "dependencies": {\n        "express": "^5"\n    }\n}\n';

  it("adds to its files, and writes no handler unless it is asked to", async () => {
    const { effects, read, json } = folderWith({ "package.json": EXPRESS, ".env.example": "BLUUM_API_KEY=\nPORT=" });
    expect(await effects()).toEqual({
      "bluum-hooks.json": "created",
      "package.json": "added",
      ".env.example": "added",
    });
    expect(read("package.json")).toBe(
      EXPRESS.replace('"node app.js"', '"node app.js",\n        "webhooks": "npx bluum-hooks listen"'),
    );
    expect(read(".env.example")).toMatch(
      /^BLUUM_API_KEY=\nPORT=\n# .*\nBLUUM_WEBHOOK_SECRET=\n# .*\nBLUUM_API_SECRET=\n$/,
    );
    expect(Object.keys(await effects("--handler"))).toContain("bluum-webhooks/server.js");
    expect(json("package.json")["scripts"]).toMatchObject({ start: "node app.js" });
  });

  it("has its handler in a folder of its own, even if the names of its files are free", async () => {
    const { effects } = folderWith({ "requirements.txt": "flask==3.1.3\n" });
    const files = Object.keys(await effects("--handler"));
    expect(files).toContain("bluum-webhooks/app.py");
    expect(files).not.toContain("requirements.txt");
  });

  it("has the usual port of its framework", async () => {
    const { effects, json } = folderWith({ "requirements.txt": "django==5\n" });
    await effects();
    expect(json("bluum-hooks.json")["forwardTo"]).toBe(8000);
  });

  it("keeps what bluum-hooks.json has, and changes what a flag names", async () => {
    const { effects, json } = folderWith({
      "bluum-hooks.json":
        '{"path":"/mine","forwardTo":"http://localhost:9/x","team":{"name":"a","environment":"sandbox","key":"k"}}',
    });
    await effects("--events", "order.filled");
    expect(json("bluum-hooks.json")).toEqual({
      path: "/mine",
      forwardTo: "http://localhost:9/x",
      team: { name: "a", environment: "sandbox", key: "k" },
      events: ["order.filled"],
    });
  });

  it("replaces a changed file of the handler only with --force, or if the user agrees", async () => {
    const { effects, init, read, cwd } = folderWith({ "package.json": EXPRESS });
    mkdirSync(join(cwd, "bluum-webhooks"));
    writeFileSync(join(cwd, "bluum-webhooks", "server.js"), "mine");
    expect(await effects("--handler")).toMatchObject({ "bluum-webhooks/server.js": "kept" });
    const refusing = user({}, false);
    await init(["--handler"], refusing.context);
    expect(refusing.asked).toContain("Replace bluum-webhooks/server.js? Your changes in it are lost.");
    expect(read("bluum-webhooks/server.js")).toBe("mine");
    expect(await effects("--handler", "--force")).toMatchObject({ "bluum-webhooks/server.js": "replaced" });
    expect(read("bluum-webhooks/server.js")).toContain("express");
  });

  it.each(["{", "[]"])("does not touch a package.json that it cannot read: %s", async (text) => {
    const { init, read, cwd } = folderWith({ "package.json": text });
    const { code, error } = await init(["--yes", "--json"]);
    expect([code, error?.code]).toEqual([2, "invalid_setting"]);
    expect([read("package.json"), existsSync(join(cwd, "bluum-hooks.json"))]).toEqual([text, false]);
    expect((await init(["--yes", "--no-script"])).code).toBe(0);
  });
});

describe("the questions of init", () => {
  it("have defaults, and the answers are written", async () => {
    const { init, json } = folderWith();
    const { asked, context } = user({ Framework: "flask", Port: "", Path: "/hooks", Events: "order.*" });
    const { code, stdout } = await init([], context);
    expect([code, stdout]).toEqual([0, expect.stringContaining("created   app.py")]);
    expect(asked.map((message) => message.split(/[(:]/)[0]?.trim())).toEqual([
      "Framework of the handler",
      "Port of your app",
      "Path that receives deliveries",
      "Events",
    ]);
    expect(json("bluum-hooks.json")).toEqual({ path: "/hooks", forwardTo: 3000, events: ["order.*"] });
  });

  it("cannot be asked without a terminal", async () => {
    const { init, cwd } = folderWith();
    const { code, error } = await init(["--json"]);
    expect([code, error?.code]).toEqual([2, "confirmation_required"]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each([
    [["--handler", "--yes"], "no framework for the handler"],
    [["--framework", "express", "--path", "/it's", "--yes"], "invalid --path"],
    [["--env", "production", "--yes"], "production cannot be the environment of a project"],
    [["--port", "0", "--yes"], "must be a port from 1 to 65535"],
    [["--port", "99999", "--yes"], "must be a port from 1 to 65535"],
  ])("%j is refused before anything is written", async (args, message) => {
    const { init, cwd } = folderWith();
    const { code, error } = await init([...args, "--json"]);
    expect([code, error?.message]).toEqual([2, expect.stringContaining(message)]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("the links of a project", () => {
  it.each([
    [".env.example", "file"],
    [".env.example", "missing"],
    ["bluum-webhooks", "folder"],
    ["bluum-webhooks", "missing"],
  ])("%s leads init to no %s outside", async (link, to) => {
    const { init, cwd } = folderWith({ "package.json": '{"dependencies":{"express":"5"}}' });
    const outside = tempFolder();
    writeFileSync(join(outside, "file"), "theirs");
    mkdirSync(join(outside, "folder"));
    symlinkSync(join(outside, to), join(cwd, link));
    const { code, error } = await init(["--handler", "--yes", "--json"]);
    expect([code, error?.code, error?.hint]).toEqual([
      1,
      "file_unusable",
      `Remove the link ${link}, and run init again.`,
    ]);
    expect(existsSync(join(cwd, "bluum-hooks.json"))).toBe(false);
    expect(readFileSync(join(outside, "file"), "utf8")).toBe("theirs");
    expect([readdirSync(outside).toSorted(), readdirSync(join(outside, "folder"))]).toEqual([["file", "folder"], []]);
  });

  it("may lead to another place in it", async () => {
    const { init, cwd, read } = folderWith({ "variables.txt": "" });
    symlinkSync("variables.txt", join(cwd, ".env.example"));
    expect((await init(["--yes"])).code).toBe(0);
    expect(read("variables.txt")).toContain("BLUUM_WEBHOOK_SECRET=");
  });
});

describe("what init says next", () => {
  it("has the state of the handler for check", async () => {
    const { init } = folderWith();
    const { stderr } = await init(["--framework", "express", "--port", "3100", "--yes"]);
    expect(stderr).toContain("bluum-hooks check --state http://localhost:3100/state\n");
    expect(stderr.match(/export BLUUM_WEBHOOK_SECRET=whsec_/g)).toHaveLength(2);
  });

  it("does not set a secret that is set already", async () => {
    const { init } = folderWith();
    const { code, stderr } = await init(["--yes"], {}, { BLUUM_WEBHOOK_SECRET: "whsec_dGhpcyBpcyBhIHRlc3Q=" });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("BLUUM_WEBHOOK_SECRET")]);
    expect(stderr).toContain("bluum-hooks check\n");
  });

  it("warns of an event that does not exist", async () => {
    const { init } = folderWith();
    const { code, stderr } = await init(["--events", "order.fild", "--yes"]);
    expect([code, stderr]).toEqual([0, expect.stringContaining("Did you mean order.filled?")]);
  });
});

describe("an app's URL in bluum-hooks.json", () => {
  const FILE = { "bluum-hooks.json": '{"forwardTo":"http://localhost:4000/api/x","path":"/p"}' };

  it("has the port and the path of the handler", async () => {
    const { effects, read, json } = folderWith(FILE);
    await effects("--framework", "express");
    expect(read("server.js")).toContain('app.post("/api/x"');
    expect(read("server.js")).toContain('PORT = "4000"');
    expect(json("bluum-hooks.json")).toMatchObject({ forwardTo: "http://localhost:4000/api/x", path: "/p" });
  });

  it("is replaced by another port", async () => {
    const { effects, read, json } = folderWith(FILE);
    await effects("--framework", "express", "--port", "5000");
    expect(read("server.js")).toContain('app.post("/p"');
    expect(json("bluum-hooks.json")).toMatchObject({ forwardTo: 5000, path: "/p" });
  });
});
