import pRetry from "p-retry";
import { AppError } from "../core/errors.ts";
import { LinkedAbort } from "../platform/abort.ts";
import { decodeAnswer, parseAnswer } from "./answers.ts";
import { type Call, nameOf } from "./call.ts";
import type { Answer } from "./api-exchange.ts";
import type { Waits } from "../platform/waits.ts";
import { createRedact } from "./redact-exchange.ts";
import { refusalError } from "./refusals.ts";
import { mayHaveBeenDone, mayRetry, readRetryAfter } from "./retry-policy.ts";
import { createSender, type SenderOptions } from "./api-sender.ts";

export interface CallerOptions extends SenderOptions {
  /** The environment of the base URL and the key pair; commands in hints use it. */
  readonly environment: string;
  /** Aborts every call and every wait with its reason. */
  readonly signal: AbortSignal;
  /** For a call including all attempts and waits; the default is 60 s. */
  readonly deadlineMs?: number | undefined;
  /** Minimum wait before the first retry, doubled for each further one; the default is 500 ms. */
  readonly retryBaseMs?: number | undefined;
  readonly waits?: Waits | undefined;
}

/** Sends calls, retries those that may be repeated, and decodes the response with `decode`. */
export interface Caller extends AsyncDisposable {
  /** Rejects with an AppError, or with the signal's reason. */
  call<T>(call: Call, decode: (value: unknown) => T): Promise<T>;
}

const MAX_RETRIES = 4;

/** Throws `invalid_url` for an invalid base URL, and the signal's reason if it has aborted already. */
export function createCaller(options: CallerOptions): Caller {
  const { clock, deadlineMs = 60_000, retryBaseMs = 500 } = options;
  const redact = createRedact(options.credentials);
  const lifetime = new LinkedAbort(options.signal);
  const sender = createSender(options, redact, lifetime.signal);

  return {
    async call(call, decode) {
      lifetime.signal.throwIfAborted();
      using deadline = new LinkedAbort(lifetime.signal, deadlineMs);
      using _wait = options.waits?.begin(`the API to answer ${nameOf(call)}`);
      const endsAt = clock.now() + deadlineMs;
      let attempts = 0;
      let retryAfterMs: number | undefined;
      let lastError: AppError | undefined;

      const attempt = async (number: number) => {
        attempts = number;
        retryAfterMs = undefined;
        await call.ledger?.sending();
        try {
          return await exchange(number);
        } catch (error) {
          if (!mayHaveBeenDone(error)) await call.ledger?.closed();
          throw error;
        }
      };

      const exchange = async (number: number) => {
        const answer = await sender.send(call, number, deadline.signal);
        if (isSuccess(answer)) return { answer, value: parseAnswer(answer, call, redact) };
        if (isGone(answer, call, number)) return { answer, value: undefined };
        retryAfterMs = readRetryAfter(answer.retryAfter, clock.now());
        throw refusalError(answer, call, retryAfterMs, { place: options, redact });
      };

      const shouldRetry = async ({ error }: { error: Error }) => {
        if (!mayRetry(error, call.repeatable)) return false;
        // A wait that would exceed the deadline is not started: the error contains its length.
        if (retryAfterMs !== undefined && clock.now() + retryAfterMs >= endsAt) return false;
        lastError = error as AppError;
        if (retryAfterMs !== undefined) await clock.sleep(retryAfterMs, deadline.signal);
        return true;
      };

      try {
        const { signal } = deadline;
        const retries = { retries: MAX_RETRIES, minTimeout: retryBaseMs, randomize: true, signal, shouldRetry };
        return decodeAnswer(await pRetry(attempt, retries), call, decode, redact);
      } catch (thrown) {
        if (lifetime.signal.aborted) throw lifetime.signal.reason;
        if (thrown instanceof AppError) throw finalError(thrown, call, attempts);
        if (!deadline.isTimedOut) throw thrown;
        throw finalError(lastError ?? outOfTime(call, deadlineMs), call, attempts);
      }
    },
    async [Symbol.asyncDispose]() {
      lifetime.abort(new AppError("internal", "the API client is closed"));
      lifetime[Symbol.dispose]();
      sender.close();
    },
  };
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** If a repeated deletion finds nothing, an earlier attempt with a lost response has succeeded. */
function isGone({ status }: Answer, call: Call, attempt: number): boolean {
  return call.method === "DELETE" && attempt > 1 && status === 404;
}

/**
 * The deadline passed before the request could be sent, because other requests of this client were queued before it.
 */
function outOfTime(call: Call, deadlineMs: number): AppError {
  return new AppError("api_timeout", `${nameOf(call)} could not be sent within ${deadlineMs} ms`, {
    hint: "Send fewer requests at once: too many wait for the rate limit.",
  });
}

function finalError(error: AppError, call: Call, attempts: number): AppError {
  const message = attempts > 1 ? `${error.message} (after ${attempts} attempts)` : error.message;
  const hint = mayHaveBeenDone(error) ? (call.hintIfDone ?? error.hint) : error.hint;
  return error.with({ message, hint });
}
