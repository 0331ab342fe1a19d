import { AppError } from "../core/errors.ts";
import type { AgentFailure } from "./agent-failure.ts";
import type { AgentRequest } from "./agent-messages.ts";
import {
  BY_NGROK_CODE,
  CRASHED,
  NO_PACKAGE,
  REFUSED,
  SILENT,
  UNREACHABLE,
  UNTRUSTED,
  type Remedy,
} from "./remedies.ts";

/** The service's own address, which the SDK uses where none is given. */
export const NGROK_SERVER = "connect.ngrok-agent.com:443";

const QUOTED_CHARACTERS = 300;

/** What a failed opening means. */
export function remedyFor(failure: AgentFailure): Remedy {
  const known = failure.ngrokCode === undefined ? undefined : BY_NGROK_CODE[failure.ngrokCode];
  if (known !== undefined) return known;
  if (failure.kind === "timed-out") return SILENT;
  if (failure.kind === "exited") return CRASHED;
  if (failure.stage === "start") return NO_PACKAGE;
  if (/tcp connection/.test(failure.message)) return UNREACHABLE;
  if (/tls handshake/.test(failure.message)) return UNTRUSTED;
  // A connection that breaks in mid-answer shows as an answer that cannot be read.
  return /deserialize/.test(failure.message) ? UNREACHABLE : REFUSED;
}

/** The error to show. `issuer` is who signed the certificate that the service's address shows, if it shows one. */
export function explain(failure: AgentFailure, request: AgentRequest, issuer?: string): AppError {
  const found = remedyFor(failure);
  // To the SDK, a connection that closes at once and a certificate that it does not trust are the same.
  const remedy = found === UNTRUSTED && issuer === undefined ? UNREACHABLE : found;
  const fill = (text: string) =>
    text
      .replaceAll("{server}", request.serverAddr ?? NGROK_SERVER)
      .replaceAll("{domain}", request.domain ?? "the account's domain");
  // Only where we have no words of our own are the service's of use.
  const quote =
    remedy === REFUSED
      ? ` (${redact(failure.message, request.authtoken)})`
      : remedy === UNTRUSTED
        ? `, but issued by ${redact(issuer ?? "", request.authtoken)}`
        : "";
  return new AppError(remedy.code, `${fill(remedy.message)}${quote}`, {
    hint: fill(remedy.hint),
    vendorCode: failure.ngrokCode,
  });
}

/** A peer's text made fit to show: no token, no control characters, not too long. */
export function redact(text: string, token: string): string {
  const withoutToken = token === "" ? text : text.replaceAll(token, "[authtoken]");
  return (
    withoutToken
      .replace(/(authtoken:?\s+['"`]?)(?!\[authtoken\])[\w-]{8,}/gi, "$1[authtoken]")
      // oxlint-disable-next-line no-control-regex -- they are what is taken out
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
      .trim()
      .slice(0, QUOTED_CHARACTERS)
  );
}
