import { AppError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { type Call, nameOf } from "./call.ts";
import { type Answer, MAX_ANSWER_BYTES } from "./api-exchange.ts";
import type { Redact } from "./redact-exchange.ts";

const CHECK_URL = "Check that the base URL leads to the Bluum API.";

/**
 * Parses the JSON of a successful response with `parseJson`; undefined if the body is empty. Throws `api_unreachable`
 * for truncated JSON, where a repetition may succeed, and `api_invalid_response` for a body that is not JSON.
 */
export function parseAnswer(answer: Answer, call: Call, redact: Redact): unknown {
  if (!answer.isWhole) {
    throw invalid(answer, call, `is larger than ${MAX_ANSWER_BYTES} bytes`, redact);
  }
  if (answer.text.trim() === "") return undefined;
  try {
    return parseJson(answer.text);
  } catch {
    if (!answer.isJson) throw invalid(answer, call, "is not JSON", redact);
    throw new AppError("api_unreachable", `the response to ${nameOf(call)} was cut off:  ${quote(answer, redact)}`, {
      requestId: requestIdOf(answer, redact),
    });
  }
}

/** Decodes a parsed response; a decoder's error is completed with the call and the response. */
export function decodeAnswer<T>(
  { answer, value }: { readonly answer: Answer; readonly value: unknown },
  call: Call,
  decode: (value: unknown) => T,
  redact: Redact,
): T {
  try {
    return decode(value);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw invalid(answer, call, `is not as documented: ${error.message}`, redact);
  }
}

export function requestIdOf(answer: Answer, redact: Redact): string | undefined {
  return answer.requestId === undefined ? undefined : redact(answer.requestId, 100);
}

function invalid(answer: Answer, call: Call, problem: string, redact: Redact): AppError {
  const message = `the response to ${nameOf(call)} ${problem}; received: ${quote(answer, redact)}`;
  return new AppError("api_invalid_response", message, {
    hint: CHECK_URL,
    status: answer.status,
    requestId: requestIdOf(answer, redact),
  });
}

function quote(answer: Answer, redact: Redact): string {
  return redact(answer.text) || "nothing";
}
