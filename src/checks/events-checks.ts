import pLimit from "p-limit";
import { EVENT_TYPES } from "../core/events.ts";
import type { ExchangeOutcome } from "../core/exchange.ts";
import type { CheckGroup } from "./check-definition.ts";
import { mustAllSucceed, mustSucceed } from "./findings.ts";
import { HARMLESS_EVENT } from "./kit.ts";

/** Limited so that a slow endpoint is detected in time and is not overloaded: another check sends bursts. */
const AT_A_TIME = 4;

export const events: CheckGroup = {
  name: "events",
  checks: [
    {
      id: "events.documented",
      title: "accepts every documented event",
      requirement: "required",
      why: "Bluum retries an event without a 2xx response five times, and then stops.",
      sent: "one correctly signed event of each documented type",
      expected: "2xx for each",
      fix: "Answer 2xx to every event with a valid signature, even if it needs no action.",
      needsSecret: true,
      async run(kit) {
        const sent: [string, ExchangeOutcome][] = [];
        const named = kit.shuffled(Object.keys(EVENT_TYPES)).map((name) => [name, kit.event(name)] as const);
        const inTurn = pLimit(AT_A_TIME);
        const timedOut = () => sent.some(([, outcome]) => outcome.kind === "failed" && outcome.reason === "timeout");
        await Promise.all(
          named.map(([name, event]) =>
            inTurn(async () => {
              // An app that answers one request too late answers the others too late as well, and time is limited.
              if (!timedOut()) sent.push([name, await kit.send(event)]);
            }),
          ),
        );
        return mustAllSucceed(sent);
      },
    },
    {
      id: "events.unknown-name",
      title: "accepts an unknown event",
      requirement: "required",
      why: "Bluum adds event types; a handler that fails on a new one receives it six times, and then the event is lost.",
      sent: `a correctly signed event named ${HARMLESS_EVENT}`,
      expected: "2xx",
      fix: "Give the switch over event names a default branch that logs the name and answers 2xx.",
      isSafe: true,
      needsSecret: true,
      run: async (kit) => mustSucceed(await kit.send(kit.event(HARMLESS_EVENT))),
    },
    {
      id: "events.unknown-fields",
      title: "accepts unknown fields",
      requirement: "required",
      why: "Fields are added to payloads without notice.",
      sent: "a correctly signed order.accepted with an undocumented field",
      expected: "2xx",
      fix: "Allow unknown fields in the schema that validates payloads, inside and outside `data`.",
      needsSecret: true,
      run: async (kit) =>
        mustSucceed(await kit.send(kit.event("order.accepted", { data: { bluum_hooks_unknown: { is: ["new"] } } }))),
    },
  ],
};
