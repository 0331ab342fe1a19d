import type { Stage } from "./agent-messages.ts";

/** How an attempt to open failed: an error from the SDK or the service, a timeout, or the exit of the agent. */
export type FailureKind = "answered" | "timed-out" | "exited";

/** A failed attempt to open a tunnel. `message` may quote the service, which may quote the token: do not show it. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly stage: Stage;
  readonly kind: FailureKind;

  constructor(stage: Stage, kind: FailureKind, text: string) {
    super(text);
    this.stage = stage;
    this.kind = kind;
  }

  /** Such as `ERR_NGROK_334`, if the service returned a code. */
  get ngrokCode(): string | undefined {
    return /\bERR_NGROK_\d+\b/.exec(this.message)?.[0];
  }
}
