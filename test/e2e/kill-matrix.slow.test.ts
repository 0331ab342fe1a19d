import { describe, expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { ENDINGS, holdAt, killMatrix, receiving, restoring, type Step } from "../support/kill-matrix.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";

killMatrix("none");

const CREATION_STEPS: Record<string, Step> = {
  "before the POST": (proxy, start) => holdAt(proxy, start, "POST", "hold"),
  "between the POST and ready": (proxy, start) => holdAt(proxy, start, "POST", "hold-answer"),
  "while receiving": receiving,
  "while restoring": restoring,
};

describe("a session that created its webhook", () => {
  it.each(Object.keys(CREATION_STEPS).flatMap((step) => ["SIGINT", "SIGKILL"].map((ending) => ({ step, ending }))))(
    "and is ended $step by $ending leaves no active webhook",
    async ({ step, ending }) => {
      const { emulator, env, call } = await startSandbox();
      const proxy = await startFaultProxy(emulator.baseUrl);
      const throughProxy = { ...env, BLUUM_BASE_URL: proxy.baseUrl };
      const { cli, release } = await CREATION_STEPS[step]!(proxy, () =>
        startCli(["listen", "--tunnel", "none", "--port", "0", "--json"], throughProxy),
      );
      await ENDINGS[ending]!(cli, proxy);
      if (ending === "SIGKILL") await cli.ended;
      release();
      await cli.ended;

      proxy.rules.length = 0;
      expect((await runCli(["restore", "--json"], throughProxy)).code).toBe(0);
      const left = await webhooksOf(call);
      expect(left.filter(({ status }) => status === "ACTIVE")).toEqual([]);
      // A webhook whose secret was not received is useless for later sessions.
      if (step === "between the POST and ready" && ending === "SIGKILL") expect(left).toEqual([]);
    },
  );
});
