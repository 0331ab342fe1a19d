import { describe, expect, it, onTestFinished } from "vitest";
import { createBluumClient } from "../../src/bluum/client.ts";
import type { Context } from "../../src/context.ts";
import { Gate, startFaultProxy, type Fault } from "../support/fault-proxy.ts";
import { deployed } from "../support/deployed.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { sampled } from "../support/sampled.ts";

interface Call {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  /** How many calls of the same kind come before it. */
  readonly after: number;
}

const get = (name: string, after: number): Call => ({ name, method: "GET", path: /\/webhooks(\?|$)/, after });
const patch = (name: string, after: number): Call => ({ name, method: "PATCH", path: /\/webhooks\//, after });
const order: Call = { name: "the order", method: "POST", path: /\/orders$/, after: 0 };

interface Scenario {
  readonly args: (webhookId: string) => string[];
  readonly calls: readonly Call[];
  /** Calls at the end of the command: if they fail, `restore` must finish the work. */
  readonly atExit: readonly Call[];
}

const SCENARIOS: Record<string, Scenario> = {
  listen: {
    args: (id) =>
      `listen --tunnel none --port 0 --webhook ${id} --trigger order --until order.filled --timeout 100s --json`.split(
        " ",
      ),
    calls: [
      get("the first list", 0),
      get("what stood there", 1),
      patch("the PATCH", 0),
      get("the read-back", 2),
      order,
    ],
    atExit: [get("the list before the restore", 3), patch("the restore", 1), get("the read-back of the restore", 4)],
  },
  register: {
    args: (id) => ["register", "http://127.0.0.1:9/new", "--webhook", id, "--json"],
    calls: [get("the first list", 0), get("what stood there", 1), patch("the PATCH", 0), get("the read-back", 2)],
    atExit: [],
  },
  trigger: { args: () => ["trigger", "order", "--json"], calls: [order], atExit: [] },
  promote: {
    args: (id) => ["promote", "https://app.example/hooks", "--webhook", id, "--yes", "--json"],
    calls: [get("the first list", 0), get("what stood there", 1), patch("the PATCH", 0), get("the read-back", 2)],
    atExit: [],
  },
};

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Fault => ({
  kind: "answer",
  status,
  headers: { "content-type": "application/json", "x-request-id": "req_fault", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const vendor = (status: number, sequence: string) =>
  answer(status, { error: { type: "error", code: `BLUM-${status}-${sequence}`, message: "no" } });

/** A gate that stays closed until the test is over. */
function shutGate(): Gate {
  const gate = new Gate();
  onTestFinished(() => gate.open());
  return gate;
}

/** Each is created again for a test, because a gate can be used once. */
const RECOVERED: Record<string, () => Fault> = {
  "429 with Retry-After": () =>
    answer(429, { error: { code: "BLUM-429-001", message: "slow down" } }, { "retry-after": "1" }),
  "500": () => vendor(500, "001"),
  "502 with HTML": () => answer(502, "<html><h1>Bad Gateway</h1></html>", { "content-type": "text/html" }),
  "a reset": () => ({ kind: "reset" }),
  "a lost answer": () => ({ kind: "lose-answer" }),
  "a truncated answer": () => ({ kind: "truncate" }),
  "no answer in time": () => ({ kind: "hold", gate: shutGate() }),
  "an answer that comes too late": () => ({ kind: "hold-answer", gate: shutGate() }),
};

const FATAL: Record<string, { fault: Fault; code: string; exit: number }> = {
  "401": { fault: vendor(401, "003"), code: "credentials_refused", exit: 3 },
  "403": { fault: vendor(403, "001"), code: "permission_denied", exit: 3 },
  "404": { fault: vendor(404, "001"), code: "api_not_found", exit: 1 },
  "409": { fault: vendor(409, "003"), code: "api_conflict", exit: 1 },
};

/** Attempts time out soon and are repeated at once, so that a slow response costs half a second. */
const IMPATIENT: Partial<Context> = {
  ...deployed(),
  createApi: async (options) => createBluumClient({ ...options, timeoutMs: 500, retryBaseMs: 10 }),
};

async function setUp() {
  const { emulator, env, call } = await startSandbox();
  const { id } = (await call("POST", "/webhooks", {
    name: "staging",
    url: "http://127.0.0.1:9/hooks",
    eventTypeNames: ["account.*"],
    description: "as it was",
  })) as { id: string };
  const proxy = await startFaultProxy(emulator.baseUrl);
  return { call, id, proxy, env: { ...env, BLUUM_BASE_URL: proxy.baseUrl }, before: await webhooksOf(call) };
}

describe.each(Object.entries(SCENARIOS))("%s", (command, { args, calls, atExit }) => {
  const every = [...calls, ...atExit];

  it.each(
    sampled(
      every.flatMap((call) => Object.entries(RECOVERED).map(([name, fault]) => ({ at: call.name, name, call, fault }))),
      5,
    ),
  )("recovers from $name at $at", async ({ call: { method, path, after }, fault }) => {
    const { proxy, env, id, call, before } = await setUp();
    proxy.rules.push({ method, path, after, times: 1, fault: fault() });
    const end = await runInProcess(args(id), env, IMPATIENT);
    expect(end.error).toBeUndefined();
    expect(end.code).toBe(0);
    const alike = proxy.calls.filter((each) => each.method === method && path.test(each.path));
    expect(alike.length, "the spoilt call was made, and made again").toBeGreaterThan(after + 1);
    if (command === "listen") expect(await webhooksOf(call)).toEqual(before);
    if (command === "trigger" || command === "listen") {
      const keys = proxy.calls
        .filter(({ path: where }) => where.endsWith("/orders"))
        .map(({ headers }) => headers["idempotency-key"]);
      expect(keys).not.toContain(undefined);
      expect(new Set(keys).size).toBe(1);
    }
  });

  it.each(
    sampled(
      calls.flatMap((call) => Object.entries(FATAL).map(([name, fatal]) => ({ at: call.name, name, call, ...fatal }))),
      3,
    ),
  )(
    "ends with a code and a hint on $name at $at, and the webhook is unchanged",
    async ({ call: { method, path, after }, fault, code, exit }) => {
      const { proxy, env, id, call, before } = await setUp();
      proxy.rules.push({ method, path, after, times: 1, fault });
      const end = await runInProcess(args(id), env, IMPATIENT);
      expect(end.error).toMatchObject({ code, requestId: "req_fault", hint: expect.any(String) as string });
      expect(end.code).toBe(exit);
      if (command === "listen") expect(await webhooksOf(call)).toEqual(before);
      // The next start checks a permanent change whose confirmation was refused.
      proxy.rules.length = 0;
      expect((await runInProcess(["restore", "--json"], env)).code).toBe(0);
    },
  );

  it.each(
    sampled(
      atExit.flatMap((call) =>
        Object.entries(FATAL).map(([name, { fault }]) => ({ at: call.name, name, call, fault })),
      ),
      3,
    ),
  )("leaves the rest to restore on $name at $at", async ({ call: { method, path, after }, fault }) => {
    const { proxy, env, id, call, before } = await setUp();
    proxy.rules.push({ method, path, after, times: 1, fault });
    const end = await runInProcess(args(id), env, IMPATIENT);
    expect(end.error).toMatchObject({ code: "restore_pending", hint: expect.stringContaining("restore") as string });
    expect(end.code).toBe(1);
    expect((await runInProcess(["restore", "--json"], env)).code).toBe(0);
    expect(await webhooksOf(call)).toEqual(before);
  });
});

describe("the creation of a webhook", () => {
  const faults = Object.entries(RECOVERED).map(([name, fault]) => ({ name, fault }));
  const strikePost = async (fault: Fault) => {
    const { emulator, env, call } = await startSandbox();
    const proxy = await startFaultProxy(emulator.baseUrl);
    proxy.rules.push({ method: "POST", path: /\/webhooks$/, times: 1, fault });
    return { env: { ...env, BLUUM_BASE_URL: proxy.baseUrl }, call };
  };

  it.each(faults)("by listen recovers from $name, and receives signed events", async ({ fault }) => {
    const { env, call } = await strikePost(fault());
    const listen = SCENARIOS["listen"]!.args("").filter((arg) => arg !== "--webhook" && arg !== "");
    const end = await runInProcess(listen, env, IMPATIENT);
    expect(end.error).toBeUndefined();
    expect(end.code).toBe(0);
    expect(end.stdout).toContain('"verdict":"verified"');
    expect(await webhooksOf(call)).toMatchObject([{ status: "INACTIVE" }]);
  });

  it.each(faults)("by promote recovers from $name, creates one, and knows its secret", async ({ fault }) => {
    const { env, call } = await strikePost(fault());
    const promote = ["promote", "https://app.example/hooks", "--env", "production", "--yes", "--json"];
    const end = await runInProcess([...promote, "--name", "app", "--events", "order.*"], env, IMPATIENT);
    expect(end.error).toBeUndefined();
    expect(JSON.parse(end.stdout)).toMatchObject({
      action: "created",
      secret: expect.stringMatching(/^whsec_/) as string,
    });
    expect(await webhooksOf(call)).toMatchObject([{ description: "Production webhook", status: "ACTIVE" }]);
  });

  it.each(faults)("by register recovers from $name, and creates one", async ({ fault }) => {
    const { env, call } = await strikePost(fault());
    const end = await runInProcess(["register", "http://127.0.0.1:9/new", "--json"], env, IMPATIENT);
    expect(end.error).toBeUndefined();
    expect(end.code).toBe(0);
    expect(await webhooksOf(call)).toMatchObject([
      { url: "http://127.0.0.1:9/new", status: "ACTIVE", description: null },
    ]);
  });
});
