import type { BluumClient } from "../../bluum/client.ts";
import type { Config } from "../../config/config-file.ts";
import type { Place } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import type { Fact } from "../../core/facts.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LockHolder, Store, WebhookChange } from "../../store/store.ts";
import type { Probe } from "../../platform/probe.ts";
import { askPeer } from "./peer.ts";
import { recover } from "./recover.ts";
import { byHandCommand, leftFieldsWords, recoveryWords, restoreCommand, unansweredWords } from "./recovery-messages.ts";
import { settle, takeTurn, type Outcome, type SettleDeps } from "./settle.ts";

export interface EndingDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly holder: LockHolder;
  readonly probe: Probe;
  readonly api: (signal: AbortSignal) => Promise<BluumClient>;
}

/** How long the API may take to put the webhook back at the end of a session before it is left to the next start. */
const RESTORE_DEADLINE_MS = 20_000;

/** Restores the webhook at the end of a session. What cannot be done now stays in the journal for the next start. */
export async function putBackAtExit(
  place: Place,
  deps: EndingDeps,
  change: WebhookChange,
  bus: Pick<FactBus, "publish">,
): Promise<void> {
  try {
    // The wait for another process that is changing the webhook has a limit of its own, and takes nothing from this one.
    await using _turn = await takeTurn({ ...deps, ...place }, change);
    await using api = await deps.api(AbortSignal.timeout(RESTORE_DEADLINE_MS));
    const { webhookId, outcome, openUntil, leftFields } = await settle(settleDeps(place, deps, api), change);
    if (webhookId !== null) tell(bus, place, webhookId, outcome);
    if (leftFields.length > 0) bus.publish({ type: "warning", ...leftFieldsWords(change, leftFields) });
    if (openUntil !== null) bus.publish({ type: "warning", ...unansweredWords(change, openUntil) });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("restore_pending", `the webhook could not be put back: ${why}`, {
      hint: `Nothing is lost: the next start does it, or do it now with: ${restoreCommand(place)}`,
      cause: error,
    });
  }
}

/** Finishes what earlier sessions left behind, and says so. */
export async function recoverAndTell(
  place: Place,
  deps: Omit<EndingDeps, "api">,
  api: BluumClient,
  bus: Pick<FactBus, "publish">,
): Promise<void> {
  const { recovered, failed, awaited } = await recover(settleDeps(place, deps, api));
  for (const { change, error } of failed) {
    bus.publish({
      type: "warning",
      code: "restore_pending",
      message: `webhook ${change.webhookId ?? change.after.url} could not be put back: ${error.message}`,
      hint: `See it with: bluum-hooks restore --list. Set it by hand with: ${byHandCommand(change)}`,
    });
  }
  for (const { webhookId, outcome, change, leftFields } of recovered) {
    if (webhookId !== null) tell(bus, place, webhookId, outcome);
    if (leftFields.length > 0) bus.publish({ type: "warning", ...leftFieldsWords(change, leftFields) });
    bus.publish({
      type: "warning",
      code: "recovered",
      ...recoveryWords(change, webhookId, outcome, deps.config.path),
    });
  }
  for (const { change, until } of awaited) bus.publish({ type: "warning", ...unansweredWords(change, until) });
}

/** What `settle` and `recover` need, made from what every command has. */
export function settleDeps(place: Place, deps: Omit<EndingDeps, "api">, api: BluumClient): SettleDeps {
  return {
    ...place,
    api,
    store: deps.store,
    clock: deps.clock,
    holder: deps.holder,
    isRemembered: (id) => deps.config.profile(place.environment).webhooks[id]?.baseUrl === place.baseUrl,
    proveStorable: () => deps.config.remember(place.environment, {}),
    forget: (id) => deps.config.forgetWebhook(place.environment, id),
    // Without the signal of a session, which has been aborted when its webhook is restored.
    askPeer: (webhook) => askPeer(webhook, { probe: deps.probe, clock: deps.clock }),
  };
}

function tell(bus: Pick<FactBus, "publish">, { environment }: Place, webhookId: string, outcome: Outcome): void {
  const action = RESTORED_ACTIONS[outcome];
  if (action !== undefined) bus.publish({ type: "restored", environment, webhookId, action });
}

const RESTORED_ACTIONS: Record<Outcome, Extract<Fact, { type: "restored" }>["action"] | undefined> = {
  restored: "restored",
  deactivated: "deactivated",
  deleted: "deleted",
  kept: "kept",
  "not-ours": "not-ours",
  "handed-over": "not-ours",
  gone: "gone",
  untouched: undefined,
  "took-effect": undefined,
  unproven: undefined,
  "in-use": undefined,
  "not-seen": undefined,
};
