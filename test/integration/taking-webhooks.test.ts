import { describe, expect, it } from "vitest";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

const LISTEN = ["listen", "--no-self-test", "--port", "0", "--timeout", "0.1s"];

/** A sandbox with a webhook that has the same name as ours. */
async function withNamesake(fields: { readonly url: string; readonly status?: "INACTIVE" }) {
  const { env, call } = await startSandbox();
  const { url, status } = fields;
  const { id } = (await call("POST", "/webhooks", { name: "ours", url, eventTypeNames: ["*"] })) as { id: string };
  if (status !== undefined) await call("PATCH", `/webhooks/${id}`, { status });
  return {
    id,
    run: (...args: string[]) => runInProcess([...args, "--json"], env),
    webhooks: () => webhooksOf(call),
    move: (to: string) => call("PATCH", `/webhooks/${id}`, { url: to }),
  };
}

const COLLEAGUES = "https://colleague.ngrok-free.app/webhooks/bluum";
const OURS = "https://ours.ngrok-free.app/webhooks/bluum";

const ways = [
  ["listen", [...LISTEN, "--name", "ours", "--public-url", OURS], [5, "timed_out"]],
  ["register", ["register", OURS, "--name", "ours"], [0, undefined]],
] as const;

describe.each(ways)("%s", (_what, command, taken) => {
  it.each([COLLEAGUES, "https://app.example/hooks", "https://colleague.trycloudflare.com/"])(
    "asks before it takes over an active webhook that delivers to %s",
    async (url) => {
      const { run, webhooks } = await withNamesake({ url });
      const before = await webhooks();
      const { code, error } = await run(...command);
      expect([code, error?.code]).toEqual([2, "confirmation_required"]);
      expect(error?.message).toContain(new URL(url).hostname);
      expect(await webhooks()).toEqual(before);
    },
  );

  it.each([
    ["is inactive", { url: COLLEAGUES, status: "INACTIVE" as const }],
    ["delivers to this machine", { url: "http://127.0.0.1:9/a" }],
    ["delivers to the very host that is to be used", { url: "https://ours.ngrok-free.app/another/path" }],
  ])("takes over one that %s without a question", async (_how, fields) => {
    const { run } = await withNamesake(fields);
    const { code, error } = await run(...command);
    expect([code, error?.code]).toEqual(taken);
  });

  it("takes over one at the saved ngrok domain", async () => {
    const { run } = await withNamesake({ url: "https://mine.ngrok.app/hooks" });
    await run("config", "set", "ngrok-domain", "mine.ngrok.app");
    const { code, error } = await run(...command);
    expect([code, error?.code]).toEqual(taken);
  });

  it("takes over one at a tunnel that was set from here, and asks once a colleague has changed it", async () => {
    const { id, run, webhooks, move } = await withNamesake({ url: "http://127.0.0.1:9/a" });
    await run("webhooks", "update", id, "--url", "https://earlier.ngrok-free.app/");
    expect((await run(...command)).error?.code).toBe(taken[1]);
    await move(COLLEAGUES);
    // Another change does not make the URL ours.
    await run("webhooks", "update", id, "--description", "seen");
    expect((await run(...command)).error?.code).toBe("confirmation_required");
    expect((await webhooks())[0]?.url).toBe(COLLEAGUES);
  });

  it("asks for one that it has pointed at a server before", async () => {
    const { id, run } = await withNamesake({ url: "http://127.0.0.1:9/a" });
    await run("webhooks", "update", id, "--url", "https://app.example/hooks");
    expect((await run(...command)).error?.code).toBe("confirmation_required");
  });
});

describe("register without a URL", () => {
  const command = ["register", "--name", "ours", "--events", "order.filled"];

  it("asks before it changes an active webhook that delivers to a tunnel which was not set from here", async () => {
    const { id, run, webhooks } = await withNamesake({ url: COLLEAGUES });
    const before = await webhooks();
    const { code, error } = await run(...command);
    expect([code, error?.code]).toEqual([2, "confirmation_required"]);
    expect(error?.message).toContain(new URL(COLLEAGUES).hostname);
    expect(await webhooks()).toEqual(before);
    for (const agreed of [
      [...command, "--yes"],
      [...command, "--webhook", id],
    ]) {
      await run("webhooks", "update", id, "--events", "*");
      expect((await run(...agreed)).code).toBe(0);
      expect(await webhooks()).toMatchObject([{ url: COLLEAGUES, eventTypeNames: ["order.filled"] }]);
    }
  });

  it.each([
    ["is inactive", { url: COLLEAGUES, status: "INACTIVE" as const }],
    ["delivers to this machine", { url: "http://127.0.0.1:9/a" }],
    ["goes on delivering to a server", { url: "https://app.example/hooks" }],
  ])("changes one that %s without a question", async (_how, fields) => {
    const { run, webhooks } = await withNamesake(fields);
    expect((await run(...command)).code).toBe(0);
    expect(await webhooks()).toMatchObject([{ url: fields.url, eventTypeNames: ["order.filled"] }]);
  });

  it("changes one at a tunnel that was set from here without a question", async () => {
    const { id, run } = await withNamesake({ url: "http://127.0.0.1:9/a" });
    await run("webhooks", "update", id, "--url", "https://earlier.ngrok-free.app/");
    expect((await run(...command)).code).toBe(0);
  });

  it("does not ask for one that is already up to date", async () => {
    const { run } = await withNamesake({ url: COLLEAGUES });
    expect((await run("register", "--name", "ours", "--events", "*")).code).toBe(0);
  });
});
