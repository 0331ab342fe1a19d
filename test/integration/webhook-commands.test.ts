import { describe, expect, it } from "vitest";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { tempFolder } from "../support/temp.ts";

const PUBLIC_HTTP = "http://app.example/hooks";

async function withWebhook() {
  const sandbox = await startSandbox();
  const { id } = (await sandbox.call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/mine",
    eventTypeNames: ["order.*"],
  })) as { id: string };
  return {
    id,
    run: (...args: string[]) => runInProcess(args, sandbox.env),
    webhooks: () => webhooksOf(sandbox.call),
  };
}

describe("plain http to a public host", () => {
  it("causes a warning by register, with the reason and a remedy", async () => {
    const { run, webhooks } = await withWebhook();
    const { code, stderr } = await run("register", PUBLIC_HTTP);
    expect(code).toBe(0);
    expect(stderr).toContain("unencrypted to app.example");
    expect(stderr).toContain("https://");
    expect((await webhooks()).map(({ url }) => url)).toContain(PUBLIC_HTTP);
  });

  it("causes a warning by webhooks update", async () => {
    const { id, run } = await withWebhook();
    expect((await run("webhooks", "update", id, "--url", PUBLIC_HTTP)).stderr).toContain("unencrypted");
  });

  it.each([
    "http://127.0.0.1:9/a",
    "http://localhost/a",
    "http://192.168.1.7/a",
    "http://api:8080/a",
    "https://a.example/",
  ])("is not reported for %s", async (url) => {
    const { run } = await withWebhook();
    expect((await run("register", url, "--dry-run")).stderr).not.toContain("unencrypted");
  });

  it.each([
    ["register", PUBLIC_HTTP],
    ["register", "http://127.0.0.1:9/a"],
    ["webhooks", "update", "wh_1", "--url", PUBLIC_HTTP],
  ])("is refused in production, before the API is called: %s %s", async (...args) => {
    const env = { BLUUM_HOOKS_HOME: tempFolder(), BLUUM_API_KEY: "k", BLUUM_API_SECRET: "a-long-secret" };
    const { code, error } = await runInProcess([...args, "--env", "production", "--json"], env);
    expect([code, error?.code]).toEqual([2, "invalid_url"]);
  });
});

describe("register", () => {
  it("reports that it creates a second webhook of the same name", async () => {
    const { id, run, webhooks } = await withWebhook();
    const { code, stderr } = await run("register", "http://127.0.0.1:9/b", "--name", "staging", "--new");
    expect(code).toBe(0);
    expect(stderr).toContain(`${id} has the same name, "staging"`);
    expect(await webhooks()).toHaveLength(2);
  });

  it("prints nothing about names if the name is new", async () => {
    const { run } = await withWebhook();
    const { stderr } = await run("register", "http://127.0.0.1:9/b", "--name", "other", "--new");
    expect(stderr).not.toContain("same name");
  });

  it("prints that the webhook was changed, and `patched` with --json", async () => {
    const { id, run } = await withWebhook();
    const { stdout, stderr } = await run("register", "http://127.0.0.1:9/b", "--webhook", id);
    expect(stdout).toBe(`${id} changed\n`);
    expect(stderr).not.toContain("patched");
    const { stdout: document } = await run("register", "http://127.0.0.1:9/c", "--webhook", id, "--json");
    expect(JSON.parse(document)).toMatchObject({ action: "patched" });
  });
});

describe("webhooks", () => {
  it.each(["inactive", "INACTIVE", "Inactive"])("update accepts the status %s", async (status) => {
    const { id, run, webhooks } = await withWebhook();
    expect((await run("webhooks", "update", id, "--status", status)).code).toBe(0);
    expect(await webhooks()).toMatchObject([{ status: "INACTIVE" }]);
  });

  it("update refuses another status, and lists the valid ones", async () => {
    const { id, run } = await withWebhook();
    const { code, error } = await run("webhooks", "update", id, "--status", "paused", "--json");
    expect([code, error?.code]).toEqual([2, "invalid_usage"]);
    expect(error?.message).toContain("must be ACTIVE or INACTIVE");
  });

  it("disable reports the change, and the second time that it is already inactive", async () => {
    const { id, run, webhooks } = await withWebhook();
    expect((await run("webhooks", "disable", id)).stderr).toBe("- status  ACTIVE\n+ status  INACTIVE\n");
    const again = await run("webhooks", "disable", id);
    expect([again.code, again.stderr]).toEqual([0, `${id} is already inactive.\n`]);
    expect(again.stdout).toContain("INACTIVE");
    expect(await webhooks()).toMatchObject([{ status: "INACTIVE" }]);
  });

  it("update says so if nothing is left to change", async () => {
    const { id, run } = await withWebhook();
    const { stderr } = await run("webhooks", "update", id, "--name", "staging", "--status", "active");
    expect(stderr).toBe(`${id} is already up to date.\n`);
  });
});

it("an invalid --since is answered with an example", async () => {
  const { run } = await withWebhook();
  const { code, error } = await run("events", "list", "--since", "yesterday", "--json");
  expect(code).toBe(2);
  expect(error?.message).toContain('invalid --since "yesterday": must be a time such as 10m');
});
