import type { AgentFailure, AgentProgram } from "./agent.ts";

/** What differs between kinds of tunnels. */
export interface TunnelDriver<Request> {
  readonly agent: AgentProgram;
  readonly request: Request;
  /** Whether the agent reports heartbeats. Otherwise only its exit and the public URL show that a connection is lost. */
  readonly hasHeartbeats: boolean;
  /** Whether a retry cannot help, so that an open tunnel with this failure must end. */
  readonly isFinal: (failure: AgentFailure) => boolean;
  /** The error to show. */
  readonly explain: (failure: AgentFailure) => unknown;
}
