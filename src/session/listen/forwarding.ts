import type { HeaderPair } from "../../core/delivery.ts";
import { forwardFact } from "../../core/forward.ts";
import type { Forwarder } from "../../forwarder/forwarder.ts";
import { watchHealth } from "../../forwarder/health.ts";
import type { FactBus } from "../../pipeline/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { UndoStack } from "../../platform/undo.ts";
import type { Store } from "../../store/store.ts";

export interface ForwardingOptions {
  readonly url: string;
  readonly ack: "app" | "now";
  /** For each attempt; Infinity waits for as long as the app takes. */
  readonly timeoutMs: number;
  readonly headers: readonly HeaderPair[];
  readonly insecure: boolean;
  /** Send first what was received since (Unix milliseconds) and never taken. */
  readonly sinceMs: number | undefined;
}

interface ForwardingDeps {
  readonly store: Pick<Store, "recordForward">;
  readonly bus: Pick<FactBus, "publish">;
  readonly clock: Clock;
  readonly undo: UndoStack;
}

/** Opens the way from a session to the user's app: every attempt is recorded and told, and the app's health is watched. */
export async function openForwarding(
  options: ForwardingOptions,
  { store, bus, clock, undo }: ForwardingDeps,
): Promise<Forwarder> {
  // The HTTP client takes its time to load, and `listen` alone does without it.
  const { createForwarder } = await import("../../forwarder/forwarder.ts");
  const health = watchHealth({
    url: options.url,
    clock,
    onChange: (change) => bus.publish({ type: "health", url: options.url, ...change }),
  });
  undo.push(() => health[Symbol.asyncDispose]());
  let hasToldOfTls = false;
  const forwarder = createForwarder({
    ...options,
    onAttempt(attempt, delivery) {
      const { outcome } = attempt;
      store.recordForward(attempt);
      health.learn(outcome);
      // Of a delivery that has just come in, the path it came by tells, after it has told of the delivery itself.
      if (attempt.cause !== "live") bus.publish(forwardFact(attempt, delivery));
      if (hasToldOfTls || outcome.kind === "answered" || outcome.reason !== "tls") return;
      hasToldOfTls = true;
      bus.publish({ type: "warning", code: "app_certificate", message: outcome.message, hint: TLS_HINT });
    },
  });
  undo.push(() => forwarder[Symbol.asyncDispose]());
  return forwarder;
}

const TLS_HINT = "Take any certificate with --insecure, or forward to the http:// URL of the app.";
