import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { isKnownEvent, unknownEvent } from "../../core/event-names.ts";
import type { WarningCode } from "../../core/warnings.ts";

export interface EventWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** The warning if events were set and the API does not return them. */
export function unprovenEvents(webhook: Webhook, wanted: readonly string[] | null | undefined): EventWarning[] {
  if (wanted == null || webhook.events !== null) return [];
  return [
    {
      code: "events_unknown",
      message: `the API accepted the events of ${webhook.id}, but does not return them, so it is unknown whether they are set`,
      hint: undefined,
    },
  ];
}

/** Warnings for names and patterns that match nothing the API lists. The set is open, so this is not an error. */
export async function unknownEvents(
  api: Pick<BluumClient, "listEventTypes">,
  wanted: readonly string[],
): Promise<EventWarning[]> {
  if (wanted.length === 0) return [];
  const names = (await api.listEventTypes()).map(({ name }) => name);
  return wanted
    .filter((pattern) => !isKnownEvent(pattern, names))
    .map((pattern) => unknownEvent(pattern, { names, source: "the API lists" }));
}
