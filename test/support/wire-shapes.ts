import type { ProxiedCall } from "./fault-proxy.ts";

/** How one edition of the API's documentation formats its webhook responses. */
export interface Edition {
  readonly one: "envelope" | "bare";
  readonly list: "envelope" | "list object" | "array";
  /** `untold`: an empty list, whatever the webhook's events are. */
  readonly events: "eventTypeNames" | "event_type_names" | "eventTypes names" | "eventTypes objects" | "untold";
  readonly id: "id" | "webhook_id";
  readonly status: "upper" | "lower";
  readonly times: "camel" | "snake" | "unix";
}

interface CurrentWebhook {
  readonly id: string;
  readonly event_type_names: string[];
  readonly status: string;
  readonly created_at?: string;
  readonly updated_at?: string;
  readonly [field: string]: unknown;
}

/** The reference of mid-2026: `{id, object: "webhook", url, event_type_names, status: "active", created_at}`. */
const MID_2026: Edition = {
  one: "bare",
  list: "list object",
  events: "event_type_names",
  id: "id",
  status: "lower",
  times: "snake",
};

/**
 * Every format of a list × every spelling of the events; the other spellings alternate, so that each occurs with each
 * list.
 */
const MIXED: Edition[] = (["envelope", "list object", "array"] as const).flatMap((list, row) =>
  (["eventTypeNames", "event_type_names", "eventTypes names", "eventTypes objects", "untold"] as const).map(
    (events, column) => ({
      list,
      events,
      one: (row + column) % 2 === 0 ? ("envelope" as const) : ("bare" as const),
      id: column % 2 === 0 ? ("id" as const) : ("webhook_id" as const),
      status: column < 2 ? ("upper" as const) : ("lower" as const),
      times: (["camel", "snake", "unix"] as const)[(row + column) % 3] ?? "camel",
    }),
  ),
);

/** The forms of a webhook that Bluum's documentation has shown, each spelling with each form of a list. */
export const EDITIONS: readonly Edition[] = [MID_2026, ...MIXED];

/** Rewrites the emulator's responses to webhook calls to an edition's format; others stay unchanged. */
export function spellAs(edition: Edition): (call: ProxiedCall, status: number, body: string) => string {
  return (call, status, body) => {
    if (status >= 300 || call.method === "DELETE" || !/\/webhooks(\/(?!event-types)|\?|$)/.test(call.path)) return body;
    const answer = JSON.parse(body) as CurrentWebhook & { data: CurrentWebhook[] };
    if (call.method !== "GET") {
      const webhook = spell(answer, edition);
      return JSON.stringify(edition.one === "bare" ? webhook : { status: "success", data: { webhook } });
    }
    const webhooks = answer.data.map((webhook) => spell(webhook, edition));
    if (edition.list === "array") return JSON.stringify(webhooks);
    if (edition.list === "envelope") return JSON.stringify({ status: "success", data: { webhooks } });
    return JSON.stringify({ ...answer, data: webhooks });
  };
}

function spell(webhook: CurrentWebhook, edition: Edition): Record<string, unknown> {
  const { id, event_type_names: names, status, created_at: createdAt, updated_at: updatedAt, ...rest } = webhook;
  const times = {
    camel: { createdAt, updatedAt },
    snake: { created_at: createdAt, updated_at: updatedAt },
    unix: { created: 1_750_000_000 },
  };
  const events = {
    eventTypeNames: { eventTypeNames: names },
    event_type_names: { event_type_names: names },
    "eventTypes names": { eventTypes: names },
    untold: { eventTypes: [] },
    "eventTypes objects": {
      eventTypes: names.map((name, at) => ({
        id: `et_${at}`,
        name,
        category: "c",
        description: "d",
        displayName: "n",
      })),
    },
  };
  return {
    ...rest,
    [edition.id]: id,
    status: edition.status === "lower" ? status.toLowerCase() : status.toUpperCase(),
    ...times[edition.times],
    ...events[edition.events],
  };
}
