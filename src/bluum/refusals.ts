import { STATUS_CODES } from "node:http";
import type { ApiTarget } from "../core/command-line.ts";
import { readRedirect } from "../core/urls.ts";
import { resolveUrl } from "./api-request.ts";
import { AppError, type ErrorCode } from "../core/errors.ts";
import { requestIdOf } from "./answers.ts";
import { type Call, nameOf } from "./call.ts";
import type { Answer } from "./api-exchange.ts";
import { hintFor } from "./hints.ts";
import type { Redact } from "./redact-exchange.ts";
import { isJsonObject } from "../core/json-text.ts";

const MAX_MESSAGE_CHARS = 300;

/** The error for an unsuccessful response with any body. */
export function refusalError(
  answer: Answer,
  call: Call,
  retryAfterMs: number | undefined,
  { place, redact }: { readonly place: ApiTarget; readonly redact: Redact },
): AppError {
  const { message, code: sentCode } = readErrorBody(answer, redact);
  const code = codeOfStatus(answer.status);
  const vendorCode = sentCode === undefined ? undefined : redact(sentCode, 40);
  const isRedirect = answer.status >= 300 && answer.status < 400;
  const redirect = isRedirect ? readRedirect(resolveUrl(place.baseUrl, call.path), answer.location) : undefined;
  return new AppError(code, `the API answered ${nameOf(call)} with ${answer.status}: ${message}`, {
    hint: hintFor({
      code,
      vendorCode,
      path: call.path,
      retryAfterMs,
      redirect: redirect && { ...redirect, target: redact(redirect.target) },
      place,
    }),
    status: answer.status,
    vendorCode,
    requestId: requestIdOf(answer, redact),
  });
}

function codeOfStatus(status: number): ErrorCode {
  switch (status) {
    case 401:
      return "credentials_refused";
    case 403:
      return "permission_denied";
    case 404:
      return "api_not_found";
    case 409:
      return "api_conflict";
    case 429:
      return "api_rate_limited";
    default:
      return status >= 500 ? "api_unavailable" : "api_refused";
  }
}

/** `{code, message, details: {field, reason}}`, `{error: {type, code, message, param}}`, or any other body. */
function readErrorBody(answer: Answer, redact: Redact): { message: string; code: string | undefined } {
  const standard = STATUS_CODES[answer.status] ?? "an unknown status";
  const body = parse(answer.text);
  if (!isJsonObject(body)) {
    const isMarkup = answer.text.trimStart().startsWith("<");
    // A gateway's error page has few words in many tags; its text may still help.
    const words = redact(isMarkup ? withoutMarkup(answer.text) : answer.text);
    return { message: words === "" ? standard : `${standard}: ${words}`, code: undefined };
  }
  const error = isJsonObject(body["error"]) ? body["error"] : body;
  const details = isJsonObject(error["details"]) ? error["details"] : {};
  const said = asText(error["message"]) ?? asText(body["message"]) ?? asText(body["error"]) ?? standard;
  const field = asText(error["param"]) ?? asText(details["field"]);
  const where = [field, asText(details["reason"])].filter((part) => part !== undefined && !said.includes(part));
  return {
    message: redact(where.length === 0 ? said : `${said} (${where.join(": ")})`, MAX_MESSAGE_CHARS),
    code: asText(error["code"]),
  };
}

function withoutMarkup(page: string): string {
  return page
    .slice(0, 20_000)
    .replace(/<(style|script)\b[^>]*>[^<]*/gi, " ")
    .replace(/<[^<>]*>/g, " ");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
