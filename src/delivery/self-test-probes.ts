import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Arrival, SelfTestHost, SelfTestProbe } from "../core/self-test.ts";
import type { Reply } from "./respond.ts";

const HEADER = "bluum-hooks-self-test";
/** Where a proxy has removed the header, the body shows whose request it is. */
const BODY_START = `{"event":"bluum_hooks.self_test","nonce":"`;
const NONCE = /^[0-9a-f]{32}$/;
const NONCE_LENGTH = 32;
/** Copies of requests before these come too late to be recognized. */
const MAX_REMEMBERED = 100;

/** A request of the self-test that is expected, or was. */
interface Expected {
  readonly body: Buffer;
  readonly answer: string;
  arrival: Arrival | undefined;
  /** It has been answered, or nobody waits for the answer any more. */
  isOver: boolean;
}

/**
 * The requests of the self-test. They are no deliveries: nothing of them is stored or shown. Each is answered once; a client that
 * does not know its nonce is answered as if there were none.
 */
export class Probes implements SelfTestHost {
  readonly #expected = new Map<string, Expected>();

  expectProbe(bytes: number): SelfTestProbe {
    const nonce = randomBytes(NONCE_LENGTH / 2).toString("hex");
    const [start, end] = [`${BODY_START}${nonce}","padding":"`, `"}`];
    const body = Buffer.from(`${start}${".".repeat(Math.max(0, bytes - start.length - end.length))}${end}`);
    const expected: Expected = {
      body,
      answer: randomBytes(NONCE_LENGTH / 2).toString("hex"),
      arrival: undefined,
      isOver: false,
    };
    this.#expected.set(nonce, expected);
    for (const oldest of this.#expected.keys()) {
      if (this.#expected.size <= MAX_REMEMBERED) break;
      this.#expected.delete(oldest);
    }
    return {
      headers: [
        ["Content-Type", "application/json"],
        [HEADER, nonce],
      ],
      body,
      answer: expected.answer,
      arrival: () => expected.arrival,
      forget: () => void (expected.isOver = true),
    };
  }

  /** The request that the headers show, before anything else of it is known. */
  find(headers: IncomingHttpHeaders): ArrivingProbe | undefined {
    const nonce = headers[HEADER];
    const expected = typeof nonce === "string" ? this.#expected.get(nonce) : undefined;
    return expected && new ArrivingProbe(expected, true);
  }

  /** The request that the body shows, where the header is missing. */
  findByBody(body: Buffer): ArrivingProbe | undefined {
    if (this.#expected.size === 0 || body.length < BODY_START.length + NONCE_LENGTH) return undefined;
    const nonce = body.toString("latin1", BODY_START.length, BODY_START.length + NONCE_LENGTH);
    if (!NONCE.test(nonce)) return undefined;
    const expected = this.#expected.get(nonce);
    return expected && new ArrivingProbe(expected, false);
  }
}

/** One request of the self-test, as it comes in. */
export class ArrivingProbe {
  readonly #expected: Expected;
  readonly #hasHeader: boolean;

  constructor(expected: Expected, hasHeader: boolean) {
    this.#expected = expected;
    this.#hasHeader = hasHeader;
  }

  get bytes(): number {
    return this.#expected.body.length;
  }

  refused(arrival: Arrival): void {
    this.#expected.arrival ??= arrival;
  }

  /** What it is answered, having come to the path of deliveries. Without a body unless it proves something. */
  reply(body: Buffer): Reply {
    const expected = this.#expected;
    const arrival = this.#judge(body);
    if (arrival.problem !== null || expected.isOver) {
      this.refused(arrival);
      return { status: 404 };
    }
    expected.arrival = arrival;
    expected.isOver = true;
    return { status: 200, body: expected.answer };
  }

  #judge(body: Buffer): Arrival {
    if (!this.#hasHeader) return { problem: "headers" };
    return body.equals(this.#expected.body) ? { problem: null } : { problem: "body", bytes: body.length };
  }
}
