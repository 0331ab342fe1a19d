import { LinkedAbort, orAborted } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { Signs } from "./tunnel-events.ts";
import type { TunnelOptions, TunnelTiming } from "./tunnel.ts";

/** An open connection whose life is in question. */
export interface Connection {
  readonly url: string;
  readonly signs: Signs;
  readonly isGone: () => boolean;
  readonly probe: TunnelOptions["probe"];
  readonly clock: Clock;
  readonly timing: TunnelTiming;
  readonly signal: AbortSignal;
}

const MISSES_THAT_COUNT = 2;
const MEND_POLL_MS = 250;
const TICK_MS = 1_000;
const ASLEEP_MS = 5_000;

/** Waits until the connection must be taken for lost: broken, silent, leading elsewhere, or older than a sleep. */
export async function untilLost(connection: Connection): Promise<void> {
  let misses = 0;
  for (;;) {
    const sign = await connection.signs.next(connection.signal);
    switch (sign) {
      case "dropped":
      case "exited":
      case "woke":
        return;
      case "heartbeat":
        misses = 0;
        break;
      case "missed":
        // Visits may arrive although heartbeats are lost; only the public URL knows.
        misses += 1;
        if (connection.probe === undefined ? misses >= MISSES_THAT_COUNT : !(await leadsHere(connection))) return;
        break;
      case "due":
        // Nothing else is wrong, so one failed request proves nothing.
        if (connection.probe !== undefined && !(await leadsHere(connection)) && !(await leadsHere(connection))) return;
        break;
      default:
        sign satisfies never;
    }
  }
}

/**
 * Whether the connection is whole again within the time given to it. The SDK's first tries are quick and come back with
 * the same random URL, which no new session can; its later ones are minutes apart and not waited for.
 */
export async function mends(connection: Connection): Promise<boolean> {
  const { clock, signs, signal, timing } = connection;
  const startedAt = clock.now();
  let calmPolls = 0;
  signs.clear();
  for (;;) {
    if (connection.isGone()) return false;
    const leftMs = timing.mendMs - Math.abs(clock.now() - startedAt);
    if (leftMs <= 0) return false;
    if (connection.probe === undefined) {
      // A session's first heartbeat precedes the service's verdict on it: a later sign may still be a drop.
      calmPolls = signs.latest === "heartbeat" ? calmPolls + 1 : 0;
      if (calmPolls > 2) return true;
    } else if (await leadsHere(connection, leftMs)) {
      signs.clear();
      return true;
    }
    await clock.sleep(MEND_POLL_MS, signal);
  }
}

/** Adds what only time tells: that the machine slept, and that a routine check is due. Runs until the signal. */
export async function watchTime(connection: Pick<Connection, "signs" | "clock" | "timing" | "signal">): Promise<never> {
  const { clock, signs, timing, signal } = connection;
  let checkedAt = clock.now();
  for (;;) {
    const before = clock.now();
    await clock.sleep(TICK_MS, signal);
    const now = clock.now();
    if (now - before > TICK_MS + ASLEEP_MS) signs.push("woke");
    if (now - checkedAt < timing.checkEveryMs) continue;
    checkedAt = now;
    signs.push("due");
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
