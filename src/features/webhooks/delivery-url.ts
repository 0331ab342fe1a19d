import { AppError } from "../../core/errors.ts";
import { isPrivateHost } from "../../core/hosts.ts";
import type { WarningCode } from "../../core/warnings.ts";

/** A warning about a webhook's future URL. */
export interface UrlWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string;
}

/**
 * Plain http is for this machine and private networks. On the way to a public host others can read the events, which
 * causes a warning; production delivers to HTTPS only, so there it throws `invalid_url`.
 */
export function checkDeliveryUrl(text: string, environment: string): UrlWarning | undefined {
  const { protocol, hostname } = new URL(text);
  if (protocol === "https:") return undefined;
  const hint = "Use the https:// URL of your endpoint.";
  if (environment === "production") {
    throw new AppError("invalid_url", `${text} cannot receive production's events: Bluum delivers to HTTPS only`, {
      hint,
    });
  }
  if (isPrivateHost(hostname)) return undefined;
  return {
    code: "insecure_url",
    message: `events would go unencrypted to ${hostname}, and in production Bluum delivers to HTTPS only`,
    hint,
  };
}
