import { randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Arrival, SelfTestHost, SelfTestProbe } from "../core/self-test.ts";
import type { Reply } from "./respond.ts";

const HEADER = "bluum-hooks-self-test";
/** If a proxy has removed the header, the body identifies the request. */
const BODY_START = `{"event":"bluum_hooks.self_test","nonce":"`;
const NONCE = /^[0-9a-f]{32}$/;
const NONCE_LENGTH = 32;
/** Older requests are forgotten; copies of them would be received too late to be recognized. */
const MAX_REMEMBERED = 100;

/** A request of the self-test that is or was expected. */
interface Expected {
  readonly body: Buffer;
  readonly answer: string;
  arrival: Arrival | undefined;
  /** It has been answered, or no caller waits for it any more. */
  isOver: boolean;
}

/**
 * Requests of the self-test. They are not deliveries: they are neither stored nor shown. Each is answered once; a
 * request with an unknown nonce gets the standard response.
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

  /** Finds the request by its headers, before its body is read. */
  find(headers: IncomingHttpHeaders): ArrivingProbe | undefined {
    const nonce = headers[HEADER];
    const expected = typeof nonce === "string" ? this.#expected.get(nonce) : undefined;
    return expected && new ArrivingProbe(expected, true);
  }

  /** Finds the request by its body, if the header is missing. */
  findByBody(body: Buffer): ArrivingProbe | undefined {
    if (this.#expected.size === 0 || body.length < BODY_START.length + NONCE_LENGTH) return undefined;
    const nonce = body.toString("latin1", BODY_START.length, BODY_START.length + NONCE_LENGTH);
    if (!NONCE.test(nonce)) return undefined;
    const expected = this.#expected.get(nonce);
    return expected && new ArrivingProbe(expected, false);
  }
}

/** A request of the self-test that is being received. */
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

  /** The response on the path of deliveries. It has no body unless it proves that the request was received intact. */
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
