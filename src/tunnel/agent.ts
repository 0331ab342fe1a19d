import { fork, type ChildProcess } from "node:child_process";
import { onAbort } from "../platform/abort.ts";
import type { Clock } from "../platform/clock.ts";
import type { FromAgent, ProgramFailure, Stage, ToAgent } from "./agent-messages.ts";
import { signalGroup } from "./process-group.ts";

/** What an open agent reports, including its exit. */
export type AgentEvent = "heartbeat" | "missed" | "dropped" | "exited";

/** Maximum time for each stage. */
export type StageLimits = Readonly<Record<Stage, number>>;

interface Opening {
  readonly limits: StageLimits;
  readonly succeed: (url: string) => void;
  readonly fail: (error: unknown) => void;
}

/** How long an agent may take to end the program that it started. */
const CHILD_END_MS = 1_000;

/** An agent's main file, and whether the agent starts a program that must end with it. */
export interface AgentProgram {
  readonly file: URL;
  readonly hasChild: boolean;
}

/**
 * The process that runs the SDK or starts a tunnel program. It gets none of this process's environment and streams,
 * and its secrets by message. It ends with this process, even after a crash.
 */
export class Agent<Request> {
  readonly #child: ChildProcess;
  readonly #hasChild: boolean;
  readonly #clock: Clock;
  readonly #exited: Promise<void>;
  #onEvent: (event: AgentEvent) => void = () => {};
  #onClosed: () => void = () => {};
  #opening: Opening | undefined;
  #stage: Stage = "start";
  #stageTimer = new AbortController();
  #isGone = false;
  #programPid: number | undefined;

  constructor({ file, hasChild }: AgentProgram, clock: Clock) {
    this.#clock = clock;
    this.#hasChild = hasChild;
    this.#child = fork(file, [], {
      env: {},
      execArgv: [],
      serialization: "json",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.on("message", (message) => this.#handle(message as FromAgent));
    // A failed start, or a message to an agent that has exited: the exit handler reports it.
    this.#child.on("error", () => {
      this.#child.kill("SIGKILL");
      this.#leave("the agent could not be started");
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => {
        // An agent that was killed or has crashed could not end its program.
        if (code !== 0 && this.#programPid !== undefined) signalGroup(this.#programPid, "SIGKILL");
        this.#leave(`the agent exited unexpectedly (${signal ?? `exit code ${code}`})`);
        resolve();
      });
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Opens a session and binds a URL. Rejects with an AgentFailure, or with the signal's reason. */
  async open(
    request: Request,
    limits: StageLimits,
    signal: AbortSignal,
    onEvent: (event: AgentEvent) => void,
  ): Promise<string> {
    signal.throwIfAborted();
    if (this.#isGone) throw new AgentFailure("start", "exited", "the agent has ended");
    using _listener = onAbort(signal, () => this.#opening?.fail(signal.reason));
    try {
      return await new Promise<string>((resolve, fail) => {
        const succeed = (url: string) => {
          // Only now: events of a failed attempt say nothing about the next connection. And at once: the agent may
          // exit in the same turn.
          this.#onEvent = onEvent;
          resolve(url);
        };
        this.#opening = { limits, succeed, fail };
        this.#enter("start");
        this.#send({ type: "open", request });
      });
    } finally {
      this.#opening = undefined;
      this.#stageTimer.abort();
    }
  }

  /** Closes the URL at the service within the time limit, then ends the process. */
  async close(limitMs: number): Promise<void> {
    this.#onEvent = () => {};
    const done = new AbortController();
    const closed = new Promise<void>((resolve) => (this.#onClosed = resolve));
    this.#send({ type: "close" });
    await Promise.race([closed, this.#exited, this.#clock.sleep(limitMs, done.signal).catch(() => {})]);
    done.abort();
    await this.kill();
  }

  /** Ends the process in any state. */
  async kill(): Promise<void> {
    this.#onEvent = () => {};
    if (this.#isGone) return;
    if (this.#hasChild && this.#child.connected) {
      const done = new AbortController();
      // Without its channel, the agent ends its program and then itself.
      this.#child.disconnect();
      await Promise.race([this.#exited, this.#clock.sleep(CHILD_END_MS, done.signal).catch(() => {})]);
      done.abort();
    }
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #handle(message: FromAgent): void {
    switch (message.type) {
      case "started":
        this.#programPid = message.programPid;
        return this.#enter("connect");
      case "authenticated":
        return this.#enter("bind");
      case "bound":
        return this.#opening?.succeed(message.url);
      case "failed":
        return this.#opening?.fail(new AgentFailure(message.stage, "answered", message.text, message.program));
      case "heartbeat":
        return this.#onEvent(message.isMissed ? "missed" : "heartbeat");
      case "dropped":
        return this.#onEvent("dropped");
      case "closed":
        return this.#onClosed();
      default:
        return message satisfies never;
    }
  }

  /** Every stage has its own time limit, which ends when the next stage begins. */
  #enter(stage: Stage): void {
    if (this.#opening === undefined) return;
    this.#stage = stage;
    this.#stageTimer.abort();
    this.#stageTimer = new AbortController();
    void this.#expire(stage, this.#opening.limits[stage], this.#stageTimer.signal);
  }

  async #expire(stage: Stage, limitMs: number, passed: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(limitMs, passed);
    } catch {
      return;
    }
    this.#opening?.fail(new AgentFailure(stage, "timed-out", "no answer in time"));
  }

  #leave(why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#opening?.fail(new AgentFailure(this.#stage, "exited", why));
    this.#onEvent("exited");
  }

  #send(message: ToAgent<Request>): void {
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}

/** How an attempt to open failed: an error from the SDK or the service, a timeout, or the exit of the agent. */
type FailureKind = "answered" | "timed-out" | "exited";

/** A failed attempt to open a tunnel. `message` may quote the service, which may quote the token: do not show it. */
export class AgentFailure extends Error {
  override readonly name = "AgentFailure";
  readonly stage: Stage;
  readonly kind: FailureKind;
  /** How the tunnel program failed, if it was one. */
  readonly program: ProgramFailure | undefined;

  constructor(stage: Stage, kind: FailureKind, text: string, program?: ProgramFailure) {
    super(text);
    this.stage = stage;
    this.kind = kind;
    this.program = program;
  }

  /** Such as `ERR_NGROK_334`, if the service returned a code. */
  get ngrokCode(): string | undefined {
    return /\bERR_NGROK_\d+\b/.exec(this.message)?.[0];
  }
}
