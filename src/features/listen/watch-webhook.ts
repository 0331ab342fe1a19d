import { isSameUrl } from "../../core/urls.ts";
import { AppError } from "../../core/errors.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { WebhookChange } from "../../store/store.ts";
import { driftOf } from "../webhooks/drift.ts";
import type { WebhookJournal } from "../webhooks/journal.ts";

const LOOK_MS = 60_000;
/** How long after a trigger its first event is expected. */
const EVENT_DUE_MS = 10_000;

interface WebhookWatch extends AsyncDisposable {
  /** Reports that something was triggered: if no event is received, the webhook is checked soon. */
  expectEvent(): void;
}

/**
 * Checks each minute whether the webhook still delivers to this session, and reports each change once, because a user
 * who waits for events must know that none can arrive. If the API has carried out a request of this program late,
 * `repoint` corrects it.
 */
export function watchWebhook(
  journal: WebhookJournal,
  webhookId: string,
  /** Every change that the end of the session restores, oldest first. */
  held: readonly WebhookChange[],
  bus: Pick<FactBus, "subscribe">,
  repoint: (from: string) => void,
): WebhookWatch {
  const { clock } = journal;
  const { environment, baseUrl } = journal.place;
  const over = new AbortController();
  let reported: string | undefined;
  let received = 0;
  const unsubscribe = bus.subscribe(({ type }) => void (type === "delivery" && (received += 1)));

  async function look(): Promise<void> {
    const open = await journal.pending(webhookId);
    const isHeld = ({ id }: WebhookChange) => held.some((each) => each.id === id);
    const change = open.findLast((each) => isHeld(each) && each.outcome !== "handed-over");
    // A promotion has changed the webhook, which is already reported.
    if (change === undefined) return;
    const webhook = await journal.findOnSecondLook(webhookId, over.signal);
    // The URL changed during the check: the next check examines it.
    if (over.signal.aborted || held.at(-1)?.id !== change.id) return;
    const drift = driftOf(change, webhook);
    const url = webhook?.url ?? "";
    const late = open.find((each) => each.unanswered > 0 && isSameUrl(each.after.url, url));
    if (drift?.isLoss === true && late !== undefined && !isSameUrl(url, change.after.url)) return repoint(url);
    if (drift !== undefined) {
      const effect = drift.isLoss ? "this session no longer receives its events" : "this session has registered others";
      report(drift.what, effect, drift.hint);
    } else if (reported !== undefined) {
      journal.publish({ type: "registered", webhookId, action: "none", url });
      reported = undefined;
    }
  }

  function report(what: string, effect: string, hint: string): void {
    if (what === reported) return;
    journal.publish({ type: "warning", code: "webhook_changed", message: `${what}: ${effect}`, hint });
    reported = what;
  }

  /** A failed check is not conclusive, and the next one is a minute away. An emulator has lost all its data. */
  const tryToLook = () =>
    look().catch((error: unknown) => {
      const isGone = error instanceof AppError && error.code === "api_unreachable" && !over.signal.aborted;
      if (environment !== "emulator" || !isGone) return;
      report(`no emulator answers at ${baseUrl}`, "no events can be received", "Start it, then start listen again.");
    });
  const looking = (async () => {
    for (;;) {
      await clock.sleep(LOOK_MS, over.signal);
      await tryToLook();
    }
  })().catch(() => {});
  const expecting: Promise<void>[] = [];

  return {
    expectEvent() {
      const before = received;
      const wait = clock.sleep(EVENT_DUE_MS, over.signal).then(
        () => (received === before ? tryToLook() : undefined),
        () => {},
      );
      expecting.push(wait);
    },
    async [Symbol.asyncDispose]() {
      over.abort();
      unsubscribe();
      await Promise.all([looking, ...expecting]);
    },
  };
}

/** A user who promotes in another terminal expects the result here soon. */
const PROMOTION_LOOK_MS = 1_000;

/** Warns once when a promotion has changed this session's webhook, which then sends nothing more to it. */
export function promotionWatcher(
  journal: WebhookJournal,
  webhookId: string,
  held: readonly WebhookChange[],
): AsyncDisposable {
  const { environment, baseUrl } = journal.place;
  const over = new AbortController();

  async function watch(): Promise<void> {
    for (;;) {
      await journal.clock.sleep(PROMOTION_LOOK_MS, over.signal);
      const open = await journal.pending(webhookId);
      const isOurs = open.some(({ id, outcome }) => outcome !== "handed-over" && held.some((each) => each.id === id));
      if (isOurs) continue;
      const promotion = await journal.changes.latest({ kind: "promote", environment, baseUrl, webhookId });
      return journal.publish({
        type: "warning",
        code: "promoted_away",
        message: `${webhookId} was promoted to ${promotion?.after.url ?? "another URL"}: this session no longer receives its events`,
        hint: "Stop this session: it does not change the webhook. To use another webhook, add --new.",
      });
    }
  }

  // A failed check has no consequences: the end of the session reads the journal in any case.
  const work = watch().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await work;
    },
  };
}
