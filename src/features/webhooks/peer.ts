import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Probe } from "../../platform/probe.ts";
import type { WebhookState } from "../../store/store.ts";

/**
 * How two listeners with different data folders, users or containers detect each other at one webhook: a listener
 * that is about to take it over sends a question to its current URL, and a listener answers only questions that prove
 * access to the webhook at the API. See docs/decisions/0016.
 */
const PEER_HEADER = "bluum-hooks-peer";

/** A session that has the webhook, on any machine. */
export interface PeerSession {
  /** `user@host`. */
  readonly who: string;
  /** Unix milliseconds. */
  readonly since: number;
  /** The state of the webhook after that session ends. */
  readonly restoresTo: WebhookState;
}

type WebhookIdentity = Pick<Webhook, "id" | "createdAt">;

const VERSION = "1";
const TIMEOUT_MS = 3_000;
/** Clocks of two machines may differ. */
const MAX_AGE_MS = 10 * 60_000;

const ANSWER = v.object({
  who: v.string(),
  since: v.number(),
  restoresTo: v.object({
    name: v.nullable(v.string()),
    url: v.string(),
    events: v.nullable(v.array(v.string())),
    status: v.string(),
    description: v.nullable(v.string()),
  }),
});

/** Asks the webhook's URL whether a session listens there. Undefined for every other result. Never rejects. */
export async function askPeer(
  webhook: WebhookIdentity & Pick<Webhook, "url">,
  {
    probe,
    clock,
    signal,
  }: { readonly probe: Probe; readonly clock: Pick<Clock, "now">; readonly signal?: AbortSignal },
): Promise<PeerSession | undefined> {
  if (!URL.canParse(webhook.url)) return undefined;
  const url = new URL(webhook.url);
  if (!/^https?:$/.test(url.protocol)) return undefined;
  const key = keyOf(webhook);
  const at = String(clock.now());
  const nonce = randomBytes(16).toString("hex");
  const question = [VERSION, at, nonce, sign(key, "question", url.href, at, nonce)].join(" ");
  try {
    using deadline = new LinkedAbort(signal, TIMEOUT_MS);
    const answer = await probe(url, deadline.signal, {
      method: "GET",
      headers: { [PEER_HEADER]: question },
    });
    if (answer.kind !== "answered" || answer.status !== 200) return undefined;
    const [proof = "", ...lines] = (answer.text ?? "").split("\n");
    const json = lines.join("\n");
    if (!isSame(proof, sign(key, "answer", nonce, json))) return undefined;
    const read = v.safeParse(ANSWER, JSON.parse(json));
    return read.success ? read.output : undefined;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

/** A session's data for answering peers, once it has a webhook. */
export interface HeldWebhook {
  readonly webhook: WebhookIdentity;
  /** The URLs that the session has set on the webhook. */
  readonly urls: () => readonly string[];
  readonly session: () => PeerSession;
}

/**
 * Answers peers for one session. A client that cannot prove access gets the standard response, which does not even
 * show that the question was understood. No question is answered twice, so that a recorded one cannot be used again.
 */
export class PeerResponder {
  readonly #clock: Pick<Clock, "now">;
  readonly #answered = new Set<string>();
  #held: HeldWebhook | undefined;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  open(held: HeldWebhook): void {
    this.#held = held;
  }

  /** The text of the response; undefined for any other request. */
  answer(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string | undefined {
    const question = headers[PEER_HEADER];
    if (this.#held === undefined || typeof question !== "string") return undefined;
    const { webhook, urls, session } = this.#held;
    const [version, at = "", nonce = "", proof = ""] = question.split(" ");
    if (version !== VERSION || Math.abs(this.#clock.now() - Number(at)) > MAX_AGE_MS) return undefined;
    const key = keyOf(webhook);
    const isPeer = urls().some((url) => isSame(proof, sign(key, "question", new URL(url).href, at, nonce)));
    if (!isPeer || this.#answered.has(nonce)) return undefined;
    this.#answered.add(nonce);
    const json = JSON.stringify(session());
    return `${sign(key, "answer", nonce, json)}\n${json}`;
  }
}

/**
 * Derived from constant data that only the API returns about a webhook. API versions differ in the time's precision.
 */
function keyOf({ id, createdAt }: WebhookIdentity): Buffer {
  const seconds = Math.floor(Date.parse(createdAt ?? "") / 1000);
  return createHash("sha256")
    .update(JSON.stringify(["bluum-hooks peer", VERSION, id, Number.isNaN(seconds) ? null : seconds]))
    .digest();
}

function sign(key: Buffer, purpose: "question" | "answer", ...parts: readonly string[]): string {
  return createHmac("sha256", key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest("hex");
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
