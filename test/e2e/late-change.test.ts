import { expect, it } from "vitest";
import { startCli } from "../support/cli.ts";
import { Gate, startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

/**
 * A `listen` whose first PATCH is pending: the API carries it out when the gate opens, whether or not the caller
 * still waits.
 */
async function listenAtSlowApi() {
  const { emulator, env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/hooks",
    eventTypeNames: ["account.*"],
    description: "do not lose me",
  })) as { id: string };
  const before = await webhooksOf(call);
  const proxy = await startFaultProxy(emulator.baseUrl);
  const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
  const gate = new Gate();
  proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "hold-late", gate } });
  const cli = startCli(["listen", "--tunnel", "none", "--port", "0", "--webhook", id, "--json"], throughProxy);
  await gate.reached;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runInProcess([...args, "--json"], throughProxy);
    return { code, stderr, document: JSON.parse(stdout) as Record<string, unknown> };
  };
  const restoresInDoctor = async () => {
    const { document } = await run("doctor");
    return (document["findings"] as { check: string; level: string; message: string }[]).filter(
      ({ check }) => check === "restores",
    );
  };
  return {
    id,
    cli,
    run,
    restoresInDoctor,
    before,
    now: () => webhooksOf(call),
    /** The API carries out its pending request. */
    land: async () => {
      gate.open();
      await expect.poll(async () => (await webhooksOf(call))[0]?.url).not.toBe(before[0]?.url);
    },
  };
}

it("Ctrl-C during the PATCH: the end reports it, and restore finds it when it is carried out later", async () => {
  const { cli, run, restoresInDoctor, before, now, land } = await listenAtSlowApi();
  cli.kill("SIGINT");
  const end = await cli.ended;
  expect(end.code).toBe(130);
  const warnings = end.records().filter(({ type }) => type === "warning");
  expect(warnings).toMatchObject([
    { code: "change_unproven", hint: expect.stringContaining("bluum-hooks restore") as string },
  ]);
  expect(await restoresInDoctor()).toMatchObject([
    { level: "warning", message: expect.stringContaining("may still carry it out") as string },
  ]);
  expect(await run("restore")).toMatchObject({ code: 0, document: { restored: [], awaited: 1 } });
  expect(await now()).toEqual(before);
  await land();
  expect(await restoresInDoctor()).toMatchObject([{ level: "problem" }]);
  expect(await run("restore")).toMatchObject({
    code: 0,
    document: { restored: [{ outcome: "restored" }], awaited: 0 },
  });
  expect(await now()).toEqual(before);
  expect(await restoresInDoctor()).toMatchObject([{ level: "ok" }]);
});

it("kill -9 during the PATCH: the second restore restores what was carried out after the first", async () => {
  const { cli, run, before, now, land } = await listenAtSlowApi();
  cli.kill("SIGKILL");
  await cli.ended;
  expect(await run("restore")).toMatchObject({ code: 0, document: { restored: [], awaited: 1 } });
  await land();
  expect(await run("restore")).toMatchObject({
    code: 0,
    document: { restored: [{ outcome: "restored" }], awaited: 0 },
  });
  expect(await now()).toEqual(before);
});

it("kill -9 during the PATCH: the next start says that it may be carried out, and the one after that restores", async () => {
  const { id, cli, run, before, now, land } = await listenAtSlowApi();
  cli.kill("SIGKILL");
  await cli.ended;
  expect((await run("webhooks", "update", id, "--name", "renamed")).stderr).toContain('"change_unproven"');
  await land();
  expect((await run("webhooks", "update", id, "--name", "staging")).stderr).toContain('"recovered"');
  expect(await now()).toEqual(before);
});
