import { AppError } from "../core/errors.ts";
import type { AgentFailure } from "./agent.ts";
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

/** The service's default address, which the SDK uses if none is given. */
export const NGROK_SERVER = "connect.ngrok-agent.com:443";

const QUOTED_CHARACTERS = 300;

/** Explains a failed attempt to open a tunnel. */
export function remedyFor(failure: AgentFailure): Remedy {
  const known = failure.ngrokCode === undefined ? undefined : BY_NGROK_CODE[failure.ngrokCode];
  if (known !== undefined) return known;
  if (failure.kind === "timed-out") return SILENT;
  if (failure.kind === "exited") return CRASHED;
  if (failure.stage === "start") return NO_PACKAGE;
  if (/tcp connection/.test(failure.message)) return UNREACHABLE;
  if (/tls handshake/.test(failure.message)) return UNTRUSTED;
  // If the connection breaks during a response, the SDK reports a response that it cannot deserialize.
  return /deserialize/.test(failure.message) ? UNREACHABLE : REFUSED;
}

/** The error to show. `issuer` is the issuer of the certificate at the service's address, if there is one. */
export function explain(failure: AgentFailure, request: AgentRequest, issuer?: string): AppError {
  const found = remedyFor(failure);
  // The SDK cannot distinguish a connection that closes at once from an untrusted certificate.
  const remedy = found === UNTRUSTED && issuer === undefined ? UNREACHABLE : found;
  const fill = (text: string) =>
    text
      .replaceAll("{server}", request.serverAddr ?? NGROK_SERVER)
      .replaceAll("{domain}", request.domain ?? "the account's domain");
  // The service's text is shown only if this program has no explanation of its own.
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

/** Prepares a peer's text for display: no token, no control characters, limited length. */
export function redact(text: string, token: string): string {
  const withoutToken = token === "" ? text : text.replaceAll(token, "[authtoken]");
  return (
    withoutToken
      .replace(/(authtoken:?\s+['"`]?)(?!\[authtoken\])[\w-]{8,}/gi, "$1[authtoken]")
      // oxlint-disable-next-line no-control-regex -- control characters are removed
      .replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")
      .trim()
      .slice(0, QUOTED_CHARACTERS)
  );
}
