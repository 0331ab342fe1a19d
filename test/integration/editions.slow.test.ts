import { describe, expect, it } from "vitest";
import type { HeaderPair } from "../../src/core/delivery.ts";
import { EMULATOR_ACCESS } from "../../src/core/environments.ts";
import { PAYLOAD_FORMS } from "../../src/core/payload-form.ts";
import { samplePayload } from "../../src/core/samples.ts";
import { SCHEMES, sign } from "../../src/core/signature.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox, webhooksOf } from "../support/sandbox.ts";
import { EDITIONS, spellAs } from "../support/wire-shapes.ts";
import { sampled } from "../support/sampled.ts";

const OWNERS = {
  current: { BLUUM_INVESTOR_ID: EMULATOR_ACCESS.investorId },
  legacy: { BLUUM_ACCOUNT_ID: EMULATOR_ACCESS.accountId },
};

const GENERATIONS = ["current", "legacy"] as const;

interface DeliveryRecord {
  readonly type: string;
  readonly event: string;
  readonly resourceId: string;
  readonly signature: { verdict: string; scheme: string };
  readonly payload: { data: Record<string, unknown> };
}

const LISTEN = ["listen", "--tunnel", "none", "--port", "0", "--timeout", "100s", "--json"];

const deliveries = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as DeliveryRecord)
    .filter(({ type }) => type === "delivery");

const styles = GENERATIONS.flatMap((generation) => PAYLOAD_FORMS.map((form) => ({ generation, form })));

/** Every signature scheme in common use: the headers of a delivery, and the scheme that is recognized. */
const SIGNINGS = [
  { signing: "Standard Webhooks", scheme: "standard-webhooks", spell: (headers: HeaderPair[]) => headers },
  {
    signing: "Standard Webhooks with the names of Svix",
    scheme: "standard-webhooks",
    spell: (headers: HeaderPair[]) =>
      headers.map(([name, value]): HeaderPair => [name.replace("webhook-", "svix-"), value]),
  },
  { signing: "a time and hex in one header", scheme: "timestamped", spell: (headers: HeaderPair[]) => headers },
  { signing: "sha256= and hex", scheme: "hex", spell: (headers: HeaderPair[]) => headers },
  {
    signing: "hex",
    scheme: "hex",
    spell: (headers: HeaderPair[]) => headers.map(([name, value]): HeaderPair => [name, value.replace("sha256=", "")]),
  },
  { signing: "base64", scheme: "base64", spell: (headers: HeaderPair[]) => headers },
] as const;

const every = styles.flatMap((style) =>
  SIGNINGS.flatMap((signing) => EDITIONS.map((edition) => ({ ...style, ...signing, edition, ...edition }))),
);

const SECRET = `whsec_${Buffer.from("thirty-two bytes that are secret").toString("base64")}`;

/** Sends the delivery that Bluum would send, to the local URL of a listener. */
async function deliver(
  localUrl: string,
  event: string,
  { generation, form, scheme, spell }: Pick<(typeof every)[number], "generation" | "form" | "scheme" | "spell">,
) {
  const now = Date.now();
  const payload = samplePayload(event, { form, generation }, { now, ownerId: Object.values(OWNERS[generation])[0] });
  const body = JSON.stringify(payload);
  const headers = spell(sign({ scheme, body: Buffer.from(body), secret: SECRET, id: `evt_${event}`, now }));
  const { status } = await fetch(localUrl, {
    method: "POST",
    headers: [["content-type", "application/json"], ...headers.map(([name, value]): [string, string] => [name, value])],
    body,
  });
  expect(status).toBe(200);
}

async function setUp(generation: (typeof GENERATIONS)[number], options: Parameters<typeof startSandbox>[0] = {}) {
  const { emulator, env, call } = await startSandbox(options);
  const { BLUUM_INVESTOR_ID: _current, ...rest } = env;
  return { emulator, call, env: { ...rest, ...OWNERS[generation] } };
}

describe("listen receives an order's two events, verified", () => {
  it.each(sampled(every, 7))(
    "in the $generation generation, in the form $form, signed with $signing, lists as $list, events as $events",
    async ({ edition, ...delivery }) => {
      const { generation, form, scheme } = delivery;
      const { emulator, env, call } = await setUp(generation, { webhookSecret: SECRET });
      const proxy = await startFaultProxy(emulator.baseUrl, { transform: spellAs(edition) });
      let stdout = "";
      let becomeReady: (localUrl: string) => void = () => {};
      const ready = new Promise<string>((resolve) => (becomeReady = resolve));
      const listening = runInProcess(
        [...LISTEN, "--until", "order.filled"],
        { ...env, BLUUM_BASE_URL: proxy.baseUrl },
        {
          stdout: {
            write(text) {
              stdout += text;
              const line = text.split("\n").find((each) => each.includes('"type":"ready"'));
              if (line !== undefined) becomeReady((JSON.parse(line) as { localUrl: string }).localUrl);
            },
            isTTY: false,
            columns: 80,
          },
        },
      );
      const localUrl = await Promise.race([ready, listening.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
      for (const event of ["order.accepted", "order.filled"]) await deliver(localUrl, event, delivery);
      const end = await listening;
      expect(end.error).toBeUndefined();
      expect(end.code).toBe(0);
      expect(deliveries(stdout).map(({ event, resourceId, signature }) => [event, resourceId, signature])).toEqual(
        ["order.accepted", "order.filled"].map((event) => [
          event,
          "ord_x9y8z7a6b5c4d3e2",
          expect.objectContaining({ verdict: "verified", scheme }),
        ]),
      );
      const [first] = deliveries(stdout);
      expect(first?.payload).toHaveProperty(form, "order.accepted");
      const owner = generation === "current" ? "investor_id" : "account_id";
      expect(first?.payload.data).toHaveProperty(owner, Object.values(OWNERS[generation])[0]);
      expect((await webhooksOf(call)).map(({ status }) => status)).toEqual(["INACTIVE"]);
    },
  );

  const emulated = styles.flatMap((style) => SCHEMES.map((signing) => ({ ...style, signing })));
  it.each(emulated)(
    "of an order that it triggers itself, in the $generation generation, in the form $form, signed as $signing",
    async ({ generation, form, signing }) => {
      const { env } = await setUp(generation, { signing, payload: form });
      const end = await runInProcess([...LISTEN, "--trigger", "order", "--until", "order.filled"], env);
      expect([end.error, end.code]).toEqual([undefined, 0]);
      expect(
        deliveries(end.stdout).map(({ event, signature }) => [event, signature.verdict, signature.scheme]),
      ).toEqual([
        ["order.accepted", "verified", signing],
        ["order.filled", "verified", signing],
      ]);
    },
  );
});

describe("trigger waits for the events of", () => {
  it.each(
    styles.flatMap((style) =>
      [
        { what: "order", args: [], events: ["order.accepted", "order.filled"] },
        { what: "deposit", args: [], events: ["transfer.deposit.initiated"] },
        {
          what: "deposit",
          args: ["--method", "ach", "--funding-source", "fs_1"],
          events: ["transfer.deposit.initiated", "transfer.deposit.completed"],
        },
        {
          what: "withdrawal",
          args: ["--method", "ach", "--funding-source", "fs_1"],
          events: ["transfer.withdrawal.initiated", "transfer.withdrawal.completed"],
        },
      ].map((row) => ({ ...style, ...row })),
    ),
  )("a $generation $what $args, in the form $form", async ({ generation, form, what, args, events }) => {
    const { env } = await setUp(generation, { payload: form });
    const stop = new AbortController();
    let isReady: () => void = () => {};
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const listening = runInProcess(LISTEN, env, {
      signal: stop.signal,
      stdout: { write: (text) => void (text.includes('"ready"') && isReady()), isTTY: false, columns: 80 },
    });
    await ready;
    const end = await runInProcess(["trigger", what, ...args, "--wait", "--timeout", "100s", "--json"], env);
    stop.abort("over");
    await listening;
    expect(end.error).toBeUndefined();
    expect(end.code).toBe(0);
    expect(deliveries(end.stdout).map(({ event, signature }) => [event, signature.verdict])).toEqual(
      events.map((event) => [event, "verified"]),
    );
  });
});
