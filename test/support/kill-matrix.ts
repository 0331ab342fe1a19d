import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startCli, type Cli } from "./cli.ts";
import { Gate, startFaultProxy, type Fault, type Rule } from "./fault-proxy.ts";
import { runInProcess } from "./in-process.ts";
import { isSdkInstalled } from "./ngrok-server/agent-program.ts";
import { startNgrokServer } from "./ngrok-server/server.ts";
import { startSandbox, webhooksOf } from "./sandbox.ts";
import { tempFolder } from "./temp.ts";

type Proxy = Awaited<ReturnType<typeof startFaultProxy>>;

/** Brings a session to a certain state and leaves it there. */
export type Step = (proxy: Proxy, start: () => Cli) => Promise<{ cli: Cli; release: () => void }>;

export const holdAt = async (proxy: Proxy, start: () => Cli, method: string, kind: "hold" | "hold-answer") => {
  const gate = new Gate();
  proxy.rules.push({ method, path: /\/webhooks/, times: 1, fault: { kind, gate } });
  const cli = start();
  await gate.reached;
  return { cli, release: () => gate.open() };
};

export const receiving: Step = async (_proxy, start) => {
  const cli = start();
  await cli.record("ready");
  return { cli, release: () => {} };
};

export const restoring: Step = async (proxy, start) => {
  const { cli } = await receiving(proxy, start);
  const gate = new Gate();
  proxy.rules.push({ method: "PATCH", path: /./, times: 1, fault: { kind: "hold", gate } });
  cli.kill("SIGINT");
  await gate.reached;
  return { cli, release: () => gate.open() };
};

const STEPS: Record<string, Step> = {
  "before the PATCH": (proxy, start) => holdAt(proxy, start, "PATCH", "hold"),
  "between the PATCH and ready": (proxy, start) => holdAt(proxy, start, "PATCH", "hold-answer"),
  "while receiving": receiving,
  "while restoring": restoring,
};

type Ending = (cli: Cli, proxy: Proxy) => Promise<void>;

const signal =
  (name: NodeJS.Signals): Ending =>
  async (cli) =>
    cli.kill(name);

const spoilt =
  (fault: Fault): Ending =>
  async (cli, proxy) => {
    proxy.rules.unshift(...["GET", "PATCH"].map((method): Rule => ({ method, path: /./, fault })));
    cli.kill("SIGINT");
  };

export const ENDINGS: Record<string, Ending> = {
  SIGINT: signal("SIGINT"),
  SIGTERM: signal("SIGTERM"),
  SIGHUP: signal("SIGHUP"),
  SIGKILL: signal("SIGKILL"),
  "a second Ctrl-C": async (cli) => {
    // Like an impatient user.
    const again = setInterval(() => cli.kill("SIGINT"), 100);
    cli.kill("SIGINT");
    void cli.ended.then(() => clearInterval(again));
  },
  "an API that answers 500": spoilt({ kind: "answer", status: 500, body: "{}" }),
  "an API that resets": spoilt({ kind: "reset" }),
  "an API that answers 401": spoilt({ kind: "answer", status: 401, body: "{}" }),
};

/** The exit code after one signal and a cleanup. */
const EXIT_CODES: Record<string, number> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

interface Cell {
  readonly step: string;
  readonly ending: string;
}

export const ALL_CELLS: readonly Cell[] = Object.keys(STEPS).flatMap((step) =>
  Object.keys(ENDINGS).map((ending) => ({ step, ending })),
);

/** Each step once with half of the endings, for a short run. */
export const SAMPLE_CELLS: readonly Cell[] = [
  { step: "before the PATCH", ending: "SIGTERM" },
  { step: "between the PATCH and ready", ending: "SIGKILL" },
  { step: "while receiving", ending: "SIGINT" },
  { step: "while restoring", ending: "an API that answers 401" },
];

/** How the session is reached: its flags, and the ngrok service that it needs. */
const WAYS = {
  none: async () => ({ args: ["--tunnel", "none"], env: {} }),
  ngrok: async () => {
    const server = await startNgrokServer();
    onTestFinished(() => server[Symbol.asyncDispose]());
    const caFile = join(tempFolder(), "ca.pem");
    writeFileSync(caFile, server.caPem);
    return {
      args: ["--tunnel", "ngrok"],
      env: { NGROK_AUTHTOKEN: "token", NGROK_SERVER_ADDR: server.serverAddr, NGROK_ROOT_CAS: caFile },
    };
  },
};

/** Ends a session that took over an existing webhook at each step: `restore` leaves the webhook unchanged. */
export function killMatrix(way: keyof typeof WAYS, cells: readonly Cell[] = ALL_CELLS): void {
  describe(`with the tunnel ${way}, a session that took over an existing webhook`, () => {
    it.skipIf(way === "ngrok" && !isSdkInstalled).each(cells)(
      "and is ended $step by $ending leaves nothing that restore does not restore",
      async ({ step, ending }) => {
        const { emulator, env, call } = await startSandbox();
        const { id } = (await call("POST", "/webhooks", {
          name: "staging",
          url: "http://127.0.0.1:9/hooks",
          eventTypeNames: ["account.*", "document.approved"],
          description: "do not lose me",
        })) as { id: string };
        const before = await webhooksOf(call);
        const proxy = await startFaultProxy(emulator.baseUrl);
        const tunnel = await WAYS[way]();
        const throughProxy = { ...env, ...tunnel.env, BLUUM_BASE_URL: proxy.baseUrl };

        const listen = ["listen", ...tunnel.args, "--port", "0", "--webhook", id, "--json"];
        const { cli, release } = await STEPS[step]!(proxy, () => startCli(listen, throughProxy));
        await ENDINGS[ending]!(cli, proxy);
        if (ending === "SIGKILL") await cli.ended;
        release();
        const end = await cli.ended;
        const code = EXIT_CODES[ending];
        if (code !== undefined && step !== "while restoring") {
          expect(end.code).toBe(code);
          expect(end.records().at(-1)).toMatchObject({ type: "stopped", reason: ending });
        }

        proxy.rules.length = 0;
        const restored = await runInProcess(["restore", "--json"], throughProxy);
        expect(restored.code).toBe(0);
        expect(await webhooksOf(call)).toEqual(before);
        // Only requests that the API may still carry out are left, which every start checks.
        const again = await runInProcess(["restore", "--list", "--json"], throughProxy);
        const left = JSON.parse(again.stdout) as { mayLandUntil: string | null; before: { url: string } }[];
        expect(left.filter(({ mayLandUntil }) => mayLandUntil === null)).toEqual([]);
        expect(left.map(({ before: { url } }) => url)).toEqual(left.map(() => before[0]?.url));
      },
    );
  });
}
