import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import { HttpClient, readBody } from "../../platform/http-client.ts";

/** How much of a response body is read before the connection is closed: only the status matters. */
const MAX_ANSWER_BYTES = 64 * 1024;

export type Outcome =
  { readonly status: number; readonly error: null } | { readonly status: null; readonly error: string };

/**
 * Posts deliveries. Redirects are not followed, and every delivery has its own connection. The timeout is in real
 * time at any emulator speed, because the endpoint runs in real time.
 */
export class Sender implements Disposable {
  readonly #answerTimeoutMs: number;
  // Without keep-alive: a receiver that restarts, or closes an idle connection, must not fail the next delivery.
  readonly #client = new HttpClient({ keepAlive: false });

  constructor(answerTimeoutMs: number = ANSWER_TIMEOUT_MS) {
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** A failure is an outcome. Throws only the signal's reason when it is aborted. */
  async send(url: string, body: Buffer, signature: readonly HeaderPair[], signal: AbortSignal): Promise<Outcome> {
    signal.throwIfAborted();
    const timeoutMs = this.#answerTimeoutMs;
    using deadline = new LinkedAbort(signal, timeoutMs);
    try {
      const response = await this.#client.send(new URL(url), {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Bluum-Webhooks/1.0 (emulator)",
          ...Object.fromEntries(signature),
        },
        body,
        signal: deadline.signal,
      });
      response.setTimeout(timeoutMs, () => response.destroy());
      readBody(response, MAX_ANSWER_BYTES).catch(() => {});
      return { status: response.statusCode ?? 0, error: null };
    } catch (error) {
      signal.throwIfAborted();
      return { status: null, error: describe(error) };
    }
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A host with several addresses fails with an aggregate error, which has a code and no message.
  return error.message === "" ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message;
}
