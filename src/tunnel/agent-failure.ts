import type { Stage } from "./agent-messages.ts";

/** How an opening failed: an answer of the SDK or the service, no answer in time, or the end of the agent. */
export type FailureKind = "answered" | "timed-out" | "exited";

/** One opening that failed. `message` may quote the service, and that the token: it is not for showing. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly stage: Stage;
  readonly kind: FailureKind;

  constructor(stage: Stage, kind: FailureKind, text: string) {
    super(text);
    this.stage = stage;
    this.kind = kind;
  }

  /** Such as `ERR_NGROK_334`, where the service gave a code. */
  get ngrokCode(): string | undefined {
    return /\bERR_NGROK_\d+\b/.exec(this.message)?.[0];
  }
}
