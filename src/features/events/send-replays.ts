import type { Fact } from "../../core/facts.ts";
import { isAccepted, type ReplayCause } from "../../core/exchange.ts";
import { createForwarder, type ForwarderOptions } from "../../delivery/forwarder.ts";
import { followFeed } from "../../delivery/follow-feed.ts";
import { onAbort } from "../../platform/abort.ts";
import type { Waits } from "../../platform/waits.ts";
import type { Store } from "../../store/store.ts";
import type { Undelivered } from "../../delivery/catch-up.ts";
import type { Replay } from "./replay-deliveries.ts";

export interface SendReplaysOptions extends Omit<ForwarderOptions, "onAttempt"> {
  readonly cause: ReplayCause;
}

export interface SendReplaysDeps {
  readonly store: Pick<Store, "recordForward" | "own" | "flush">;
  readonly waits: Pick<Waits, "during">;
  /** Stops sending, with its reason. */
  readonly signal: AbortSignal;
  /** Reads a delivery when its turn comes, and creates the request. */
  readonly make: (chosen: Undelivered) => Promise<Replay>;
  /** Called with each recorded attempt, and with the differences from the stored delivery. */
  readonly onAttempt: (fact: Extract<Fact, { type: "forward" }>, changes: readonly string[]) => void;
}

/** Sends deliveries again, in order for each resource. Throws the signal's reason, and the first error of `make`. */
export async function sendReplays(
  chosen: readonly Undelivered[],
  options: SendReplaysOptions,
  { store, waits, signal, make, onAttempt }: SendReplaysDeps,
): Promise<{ readonly sent: number; readonly accepted: number }> {
  const changesOf = new Map<string, readonly string[]>();
  let [sent, accepted] = [0, 0];
  let refusal: unknown;
  void followFeed(store.own, {
    onFact(fact) {
      if (fact.type === "forward") onAttempt(fact, changesOf.get(fact.deliveryId) ?? []);
    },
  });
  await using forwarder = createForwarder({
    ...options,
    onAttempt(attempt) {
      store.recordForward(attempt);
      sent += 1;
      if (isAccepted(attempt.outcome)) accepted += 1;
    },
  });
  using _listener = onAbort(signal, () => void forwarder[Symbol.asyncDispose]());
  for (const each of chosen) {
    const fetch = async () => {
      try {
        const { delivery, changes } = await make(each);
        changesOf.set(delivery.id, changes);
        return delivery;
      } catch (error) {
        refusal ??= error;
        return undefined;
      }
    };
    void forwarder.forwardLater(each.resourceId, fetch, options.cause);
  }
  await waits.during(`${options.url} to answer`, forwarder.idle());
  await store.flush();
  await store.own.drained();
  signal.throwIfAborted();
  if (refusal !== undefined) throw refusal;
  return { sent, accepted };
}
