import { LinkedAbort, orAborted } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { TunnelOptions, TunnelTiming } from "./tunnel.ts";
import type { AgentEvent } from "./agent.ts";

/** An open connection that is monitored. */
export interface Connection {
  readonly url: string;
  readonly events: TunnelEvents;
  readonly isGone: () => boolean;
  readonly hasHeartbeats: boolean;
  readonly probe: TunnelOptions["probe"];
  readonly clock: Clock;
  readonly timing: TunnelTiming;
  readonly signal: AbortSignal;
}

const MAX_MISSES = 2;
const RECOVERY_POLL_MS = 250;
const TICK_MS = 1_000;
const ASLEEP_MS = 5_000;

/** Resolves when the connection is lost: dropped, silent, routed elsewhere, or opened before the machine slept. */
export async function untilLost(connection: Connection): Promise<void> {
  // Without heartbeats and tests of the URL, nothing would show that it has recovered.
  const onlyExits = connection.probe === undefined && !connection.hasHeartbeats;
  let misses = 0;
  for (;;) {
    const event = await connection.events.next(connection.signal);
    if (onlyExits && event !== "exited") continue;
    switch (event) {
      case "dropped":
      case "exited":
      case "woke":
        return;
      case "heartbeat":
        misses = 0;
        break;
      case "missed":
        // Requests may be received although heartbeats are missed: only a request to the public URL is conclusive.
        misses += 1;
        if (connection.probe === undefined ? misses >= MAX_MISSES : !(await leadsHere(connection))) return;
        break;
      case "due":
        // Without any other sign, one failed request proves nothing.
        if (connection.probe !== undefined && !(await leadsHere(connection)) && !(await leadsHere(connection))) return;
        break;
      default:
        event satisfies never;
    }
  }
}

/**
 * Whether the connection recovers in time. The SDK's first attempts are quick and keep the random URL, which a new
 * session cannot; its later ones are minutes apart, so they are not awaited.
 */
export async function recovers(connection: Connection): Promise<boolean> {
  const { clock, events, signal, timing } = connection;
  const startedAt = clock.now();
  let calmPolls = 0;
  events.clear();
  for (;;) {
    if (connection.isGone()) return false;
    const leftMs = timing.recoveryMs - Math.abs(clock.now() - startedAt);
    if (leftMs <= 0) return false;
    if (connection.probe === undefined) {
      // A session's first heartbeat is sent before the service has accepted the session: a drop may follow.
      calmPolls = events.latest === "heartbeat" ? calmPolls + 1 : 0;
      if (calmPolls > 2) return true;
    } else if (await leadsHere(connection, leftMs)) {
      events.clear();
      return true;
    }
    await clock.sleep(RECOVERY_POLL_MS, signal);
  }
}

/** Publishes clock events: the machine woke up, or a routine check is due. Runs until the signal aborts. */
export async function watchTime(
  connection: Pick<Connection, "events" | "clock" | "timing" | "signal">,
): Promise<never> {
  const { clock, events, timing, signal } = connection;
  let checkedAt = clock.now();
  for (;;) {
    const before = clock.now();
    await clock.sleep(TICK_MS, signal);
    const now = clock.now();
    if (now - before > TICK_MS + ASLEEP_MS) events.push("woke");
    if (now - checkedAt < timing.checkEveryMs) continue;
    checkedAt = now;
    events.push("due");
  }
}

async function leadsHere(connection: Connection, limitMs = Number.POSITIVE_INFINITY): Promise<boolean> {
  using deadline = new LinkedAbort(connection.signal, Math.ceil(Math.min(limitMs, connection.timing.probeMs)));
  try {
    const answer = connection.probe?.(connection.url, deadline.signal);
    return answer !== undefined && (await orAborted(answer, deadline.signal));
  } catch {
    return false;
  } finally {
    connection.signal.throwIfAborted();
  }
}

/** What affects the tunnel: an event of the agent, a wake-up of the machine, or a routine check that is due. */
export type TunnelEvent = AgentEvent | "woke" | "due";

/** Queues events in order of arrival for one reader. */
export class TunnelEvents {
  #queue: TunnelEvent[] = [];
  #wake: () => void = () => {};
  #latest: TunnelEvent | undefined;

  readonly push = (event: TunnelEvent): void => {
    this.#queue.push(event);
    this.#latest = event;
    this.#wake();
  };

  /** The newest event since the last `clear`, read or not. */
  get latest(): TunnelEvent | undefined {
    return this.#latest;
  }

  clear(): void {
    this.#queue = [];
    this.#latest = undefined;
  }

  /** The oldest unread event, once there is one. Rejects with the signal's reason. */
  async next(signal: AbortSignal): Promise<TunnelEvent> {
    for (;;) {
      signal.throwIfAborted();
      const event = this.#queue.shift();
      if (event !== undefined) return event;
      await orAborted(new Promise<void>((resolve) => (this.#wake = resolve)), signal);
    }
  }
}
