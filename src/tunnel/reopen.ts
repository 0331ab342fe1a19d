import type { Clock } from "../platform/clock.ts";
import { Agent, type AgentEvent, type StageLimits, AgentFailure } from "./agent.ts";
import type { AgentRequest } from "./agent-messages.ts";
import { remedyFor } from "./explain.ts";

/** From the start of one attempt to the start of the next. The SDK's own pauses grow to hours. */
const PAUSES_MS = [250, 500, 1_000, 2_000] as const;
const MAX_PAUSE_MS = 4_000;

/**
 * Retries until a tunnel is open again. Rejects with an AgentFailure if a retry cannot help, or when the signal
 * aborts; no agent keeps running then.
 */
export async function reopen(options: {
  readonly program: URL;
  readonly request: AgentRequest;
  readonly limits: StageLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onEvent: (event: AgentEvent) => void;
}): Promise<{ readonly agent: Agent; readonly url: string }> {
  const { clock, signal } = options;
  let agent: Agent | undefined;
  try {
    for (let attempt = 0; ; attempt += 1) {
      const startedAt = clock.now();
      const current = agent ?? new Agent(options.program, clock);
      agent = current;
      try {
        const url = await current.open(options.request, options.limits, signal, options.onEvent);
        agent = undefined;
        return { agent: current, url };
      } catch (error) {
        if (!(error instanceof AgentFailure) || remedyFor(error).isFinal) throw error;
        // An agent whose connection was refused outright can be reused; any other may have half a session.
        if (error.stage !== "connect" || error.kind !== "answered") {
          await current.kill();
          agent = undefined;
        }
      }
      const pauseMs = PAUSES_MS[attempt] ?? MAX_PAUSE_MS;
      const tookMs = Math.max(0, clock.now() - startedAt);
      if (tookMs < pauseMs) await clock.sleep(pauseMs - tookMs, signal);
    }
  } finally {
    await agent?.kill();
  }
}
