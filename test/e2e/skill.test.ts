import { execFile } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { closeServer, listenOnLoopback } from "../../src/platform/loopback.ts";
import { BIN } from "../support/cli.ts";
import { createApp, GOOD } from "../support/handlers/app.ts";
import { serve } from "../support/handlers/server.ts";
import { tempFolder } from "../support/temp.ts";

const FILE = fileURLToPath(new URL("../../skills/bluum-hooks/SKILL.md", import.meta.url));
const text = readFileSync(FILE, "utf8");
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

it("the skill has the form that agents read", () => {
  const [, head = "", body = ""] = /^---\n([^]*?)\n---\n([^]*)$/.exec(text) ?? [];
  const fields = parse(head) as Record<string, string>;
  expect(fields).toMatchObject({ name: basename(dirname(FILE)), license: "MIT" });
  expect(fields["name"]).toMatch(/^[a-z0-9-]{1,64}$/);
  expect(fields["description"]?.length).toBeGreaterThan(50);
  expect(fields["description"]?.length).toBeLessThanOrEqual(1024);
  expect(body.split("\n").length).toBeLessThan(500);
  const { files } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    files: string[];
  };
  expect(files).toContain("skills");
});

it("every command of the skill runs, in its order, for an app that handles webhooks well", async () => {
  const app = await serve(createApp(GOOD, SECRET));
  const appPort = new URL(app.url).port;
  const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(8);
  const path = new URL(app.url).pathname;
  const script = blocks.join("\n").replaceAll(/\b3000\b/g, `http://127.0.0.1:${appPort}${path}`);
  const bin = tempFolder();
  writeFileSync(join(bin, "bluum-hooks"), `#!/bin/sh\nexec "${process.execPath}" -- "${BIN}" "$@"\n`);
  chmodSync(join(bin, "bluum-hooks"), 0o755);
  const folder = tempFolder();
  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    BLUUM_HOOKS_HOME: tempFolder(),
    BLUUM_BASE_URL: `http://127.0.0.1:${await freePort()}/v1`,
    BLUUM_WEBHOOK_SECRET: SECRET,
  };
  const end = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile("sh", ["-ec", `set -x\n${script}`], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: `${stdout}\n${stderr}` }),
    );
  });
  // With its output, for the report of a failure.
  expect(end).toEqual({ code: 0, output: end.output });
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, { port: 0, orNext: false, flag: "" });
  await closeServer(server);
  return port;
}
