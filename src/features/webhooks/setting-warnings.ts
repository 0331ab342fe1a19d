import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isKnownEvent, unknownEvent } from "../../core/events.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import { isPrivateHost } from "../../core/hosts.ts";

/** The warning if events were set and the API does not return them. */
export function unprovenEvents(webhook: Webhook, wanted: readonly string[] | null | undefined): Warning[] {
  if (wanted == null || webhook.events !== null) return [];
  return [
    {
      code: "events_unknown",
      message: `the API accepted the events of ${webhook.id}, but does not return them, so it is unknown whether they are set`,
    },
  ];
}

/** Warnings for names and patterns that match nothing the API lists. The set is open, so this is not an error. */
export async function unknownEvents(
  api: Pick<BluumClient, "listEventTypes">,
  wanted: readonly string[],
): Promise<Warning[]> {
  if (wanted.length === 0) return [];
  const names = (await api.listEventTypes()).map(({ name }) => name);
  return wanted
    .filter((pattern) => !isKnownEvent(pattern, names))
    .map((pattern) => unknownEvent(pattern, { names, source: "the API lists" }));
}

/**
 * Plain http is for this machine and private networks. On the way to a public host others can read the events, which
 * causes a warning; production delivers to HTTPS only, so there it throws `invalid_url`.
 */
export function checkDeliveryUrl(text: string, environment: string): Warning | undefined {
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
