import { Agent, AgentFailure } from "./agent.ts";
import type { AgentRequest } from "./agent-messages.ts";
import { agentRequest } from "./agent-request.ts";
import { inspectCertificate } from "../platform/inspect-certificate.ts";
import { explain, NGROK_SERVER, remedyFor } from "./explain.ts";
import { recovers, untilLost, watchTime, type Connection, TunnelEvents } from "./liveness.ts";
import { UNTRUSTED } from "./remedies.ts";
import { reopen } from "./reopen.ts";
import type { Tunnel, TunnelOptions, TunnelState, TunnelTiming } from "./tunnel.ts";

const TIMING: TunnelTiming = {
  startMs: 5_000,
  connectMs: 8_000,
  bindMs: 5_000,
  reconnectMs: 4_500,
  closeMs: 2_000,
  recoveryMs: 3_500,
  probeMs: 3_000,
  checkEveryMs: 300_000,
  heartbeatIntervalS: 5,
  heartbeatToleranceS: 5,
};

/** In the built program the agent is next to this chunk; when run from source, its built form is used. */
const AGENT_URL = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/ngrok-agent.js" : "ngrok-agent.js",
  import.meta.url,
);

const INSPECTION_MS = 1_500;

/**
 * Opens a tunnel. Throws an AppError with a remedy, after 18 s at the latest: `credentials_missing`,
 * `credentials_refused`, `invalid_setting`, or one of the `tunnel_…` codes.
 */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const timing = { ...TIMING, ...options.timing };
  const tunnel = new NgrokTunnel(options, timing, await agentRequest(options, timing));
  await tunnel.open();
  return tunnel;
}

/** Runs one agent at a time, and replaces it when its connection is lost and does not recover. */
class NgrokTunnel implements Tunnel {
  readonly ended: Promise<void>;
  readonly #options: TunnelOptions;
  readonly #timing: TunnelTiming;
  readonly #request: AgentRequest;
  readonly #program: URL;
  readonly #events = new TunnelEvents();
  readonly #life = new AbortController();
  #agent: Agent | undefined;
  #url: string | null = null;
  #state: TunnelState | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: TunnelOptions, timing: TunnelTiming, request: AgentRequest) {
    this.#options = options;
    this.#timing = timing;
    this.#request = request;
    this.#program = options.agentUrl ?? AGENT_URL;
    this.ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
    this.ended.catch(() => {});
  }

  get url(): string {
    return this.#url ?? "";
  }

  async open(): Promise<void> {
    this.#report("connecting");
    const agent = new Agent(this.#program, this.#options.clock);
    const limits = { start: this.#timing.startMs, connect: this.#timing.connectMs, bind: this.#timing.bindMs };
    try {
      this.#url = await agent.open(this.#request, limits, this.#options.signal, this.#events.push);
    } catch (error) {
      await agent.kill();
      this.#report("closed");
      throw await this.#explained(error);
    }
    this.#agent = agent;
    this.#report("connected");
    this.#supervision = this.#supervise();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#life.abort();
    await this.#supervision;
    await this.#agent?.close(this.#timing.closeMs);
    this.#report("closed");
    this.#end();
  }

  /** Runs until the tunnel is closed; never rejects. */
  async #supervise(): Promise<void> {
    // It rejects only when the tunnel is closed.
    watchTime(this.#connection()).catch(() => {});
    try {
      await this.#keepAlive();
    } catch (error) {
      // `close` does the rest.
      if (this.#life.signal.aborted) return;
      this.#life.abort();
      await this.#agent?.kill();
      this.#agent = undefined;
      this.#report("closed");
      this.#fail(await this.#explained(error));
    }
  }

  async #keepAlive(): Promise<never> {
    for (;;) {
      await untilLost(this.#connection());
      this.#report("lost");
      if (!(await recovers(this.#connection()))) await this.#replace();
      this.#life.signal.throwIfAborted();
      this.#report("connected");
    }
  }

  async #replace(): Promise<void> {
    await this.#agent?.kill();
    this.#agent = undefined;
    this.#events.clear();
    const opened = await reopen({
      program: this.#program,
      request: this.#request,
      limits: { start: this.#timing.startMs, connect: this.#timing.reconnectMs, bind: this.#timing.bindMs },
      clock: this.#options.clock,
      signal: this.#life.signal,
      onEvent: this.#events.push,
    });
    this.#agent = opened.agent;
    this.#url = opened.url;
  }

  #connection(): Connection {
    return {
      url: this.url,
      events: this.#events,
      isGone: () => this.#agent?.isGone ?? true,
      probe: this.#options.probe,
      clock: this.#options.clock,
      timing: this.#timing,
      signal: this.#life.signal,
    };
  }

  #report(state: TunnelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onChange({ state, url: this.#url });
  }

  async #explained(error: unknown): Promise<unknown> {
    if (!(error instanceof AgentFailure)) return error;
    const issuer = remedyFor(error) === UNTRUSTED ? await this.#issuer() : undefined;
    return explain(error, this.#request, issuer);
  }

  /** The issuer of the certificate that the service's address presents; undefined if it cannot be determined. */
  async #issuer(): Promise<string | undefined> {
    const [host = "", port = "443"] = (this.#request.serverAddr ?? NGROK_SERVER).split(":");
    const request = { host, port: Number(port), timeoutMs: INSPECTION_MS, signal: this.#options.signal };
    const inspection = await inspectCertificate(request).catch(() => undefined);
    return inspection?.kind === "shown" ? (inspection.certificate.issuer ?? undefined) : undefined;
  }
}
