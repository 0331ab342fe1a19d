import type { Delivery, HeaderPair } from "../../core/delivery.ts";
import type { DeliveryFilter } from "../../core/delivery-filter.ts";
import type { ExchangeOutcome, ForwardAttempt } from "../../core/exchange.ts";
import { redirectHint, redirectOf, type Redirect } from "../../core/urls.ts";
import { createForwarder, type Forwardable } from "../../delivery/forwarder.ts";
import { type Health, watchHealth } from "../../delivery/health.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { Store } from "../../store/store.ts";
import { openCatchUp, reportUndelivered, type CatchUp, type CatchUpOptions } from "../../delivery/catch-up.ts";

export interface ForwardingOptions {
  readonly url: string;
  readonly ack: "app" | "now";
  /** For each attempt; Infinity means no limit. */
  readonly timeoutMs: number;
  readonly headers: readonly HeaderPair[];
  readonly insecure: boolean;
  /** Sends first the deliveries received since then (Unix milliseconds) that the app has not accepted. */
  readonly sinceMs: number | undefined;
}

/** Deliveries of a team's log that are to be forwarded: those after this number. */
export type DueInLog = NonNullable<DeliveryFilter["dueIn"]>;

interface ForwardingDeps {
  readonly store: Pick<Store, "recordForward" | "list" | "find">;
  readonly bus: Pick<FactBus, "publish">;
  readonly clock: Clock;
}

/** Forwards a session's deliveries to the user's app, until disposed. */
export interface Forwarding extends AsyncDisposable {
  /** Forwards a new delivery, which can be read from the store once the promise resolves. Never rejects. */
  forward(delivery: Delivery, stored: () => Promise<unknown>): Promise<ForwardAttempt>;
  /** Reports that deliveries from a team's log have been stored. */
  stored(): void;
  /** Sends a delivery again. */
  replay(delivery: Forwardable): void;
  /** Starts to look for the app, and to send missed deliveries: what is not needed to be ready. */
  begin(): void;
  /** Resolves when the app has every delivery that it can get. */
  idle(): Promise<void>;
  /** Cancels running and waiting requests. */
  stop(): void;
}

/**
 * Starts forwarding: every attempt is recorded and published, and the app's health is monitored. Missed deliveries
 * are queued before new ones, so that each resource's events stay in order.
 */
export async function openForwarding(
  options: ForwardingOptions,
  {
    environment,
    onlyVerified,
    dueIn,
    renew,
  }: Pick<CatchUpOptions, "environment" | "onlyVerified" | "renew"> & { readonly dueIn?: DueInLog | undefined },
  { store, bus, clock }: ForwardingDeps,
): Promise<Forwarding> {
  let catchUp: CatchUp | undefined;
  let hasBegun = false;
  const refused = new Set<string>();
  const { sinceMs } = options;
  const what = dueIn !== undefined ? { dueIn } : sinceMs !== undefined ? { sinceMs } : undefined;
  const missed = what && { environment, missed: what, onlyVerified, renew };
  await using undo = new UndoStack();
  // After forwarding is closed, when every attempt has ended.
  if (missed !== undefined) {
    undo.push(async () => {
      if (hasBegun) await reportUndelivered(missed, { store, bus }, refused);
    });
  }
  let health: Health | undefined;
  undo.push(async () => health?.[Symbol.asyncDispose]());
  let hasWarnedOfTls = false;
  const warnedTargets = new Set<string>();
  const forwarder = createForwarder({
    ...options,
    onAttempt(attempt) {
      const { outcome } = attempt;
      health?.learn(outcome);
      // The pipeline records the attempt of a new delivery after the delivery itself.
      if (attempt.cause !== "live") store.recordForward(attempt);
      const redirect = redirectOf(options.url, outcome);
      if (redirect !== undefined && !warnedTargets.has(redirect.target) && warnedTargets.size < MAX_TARGETS) {
        warnedTargets.add(redirect.target);
        bus.publish({ type: "warning", ...redirects(redirect, outcome) });
      }
      if (hasWarnedOfTls || outcome.kind === "answered" || outcome.reason !== "tls") return;
      hasWarnedOfTls = true;
      bus.publish({ type: "warning", code: "app_certificate", message: outcome.message, hint: TLS_HINT });
    },
  });
  undo.use(forwarder);
  const rereadOf = (id: string, stored: () => Promise<unknown>) => () =>
    stored()
      .then(() => store.find(id))
      .catch(() => undefined);
  if (missed !== undefined) catchUp = undo.use(await openCatchUp(missed, forwarder, store, refused));
  const steps = undo.move();
  return {
    forward(delivery, stored) {
      const reread = rereadOf(delivery.id, stored);
      return catchUp?.forward(delivery, reread) ?? forwarder.forward(delivery, "live", reread);
    },
    stored: () => catchUp?.stored(),
    replay: (delivery) => void forwarder.forward(delivery, "replay"),
    begin() {
      hasBegun = true;
      forwarder.warmUp();
      health = watchHealth({
        url: options.url,
        clock,
        isCatchingUp: missed !== undefined,
        onChange: (change) => bus.publish({ type: "health", url: options.url, ...change }),
        onFound: (isUp) => catchUp?.found(isUp),
      });
      catchUp?.begin();
    },
    async idle() {
      await catchUp?.queued();
      await forwarder.idle();
    },
    stop: () => void forwarder[Symbol.asyncDispose](),
    [Symbol.asyncDispose]: () => steps[Symbol.asyncDispose](),
  };
}

/** Maximum number of warnings: an app may redirect each delivery to another URL. */
const MAX_TARGETS = 3;

function redirects(redirect: Redirect, outcome: ExchangeOutcome) {
  const status = outcome.kind === "answered" ? outcome.status : 0;
  return {
    code: "app_redirects",
    message: `your app answers ${status} and does not handle the delivery`,
    hint: redirectHint(redirect, `--forward-to ${redirect.target}`),
  } as const;
}

const TLS_HINT = "Skip TLS certificate verification with --insecure, or forward to the http:// URL of the app.";
