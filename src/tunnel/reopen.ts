import type { Clock } from "../platform/clock.ts";
import { Agent, type AgentEvent, type StageLimits, AgentFailure } from "./agent.ts";
import type { TunnelDriver } from "./driver.ts";

const FIRST_PAUSE_MS = 250;

/** From the start of an attempt to the start of the next: twice as long each time. The SDK's own grow to hours. */
export function pauseBefore(attempt: number, maxMs: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), maxMs);
}

/**
 * Retries until a tunnel is open again. Rejects with an AgentFailure if a retry cannot help, or when the signal
 * aborts; no agent keeps running then.
 */
export async function reopen<Request>(options: {
  readonly driver: Pick<TunnelDriver<Request>, "agent" | "request" | "isFinal">;
  readonly limits: StageLimits;
  readonly maxPauseMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: (event: AgentEvent) => void;
}): Promise<{ readonly agent: Agent<Request>; readonly url: string }> {
  const { driver, clock, signal } = options;
  let agent: Agent<Request> | undefined;
  try {
    for (let attempt = 1; ; attempt += 1) {
      const startedAt = clock.now();
      const current = agent ?? new Agent<Request>(driver.agent, clock);
      agent = current;
      try {
        const url = await current.open(driver.request, options.limits, signal, options.onEvent);
        agent = undefined;
        return { agent: current, url };
      } catch (error) {
        if (!(error instanceof AgentFailure) || driver.isFinal(error)) throw error;
        // An agent whose connection was refused outright can be reused; any other may have half a session.
        if (error.stage !== "connect" || error.kind !== "answered") {
          await current.kill();
          agent = undefined;
        }
      }
      const pauseMs = pauseBefore(attempt, options.maxPauseMs);
      const tookMs = Math.max(0, clock.now() - startedAt);
      if (tookMs < pauseMs) await clock.sleep(pauseMs - tookMs, signal);
    }
  } finally {
    await agent?.kill();
  }
}
