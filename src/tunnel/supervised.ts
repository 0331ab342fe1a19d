import { Agent, AgentFailure } from "./agent.ts";
import type { TunnelDriver } from "./driver.ts";
import { recovers, untilLost, watchTime, type Connection, TunnelEvents } from "./liveness.ts";
import { pauseBefore, reopen } from "./reopen.ts";
import type { Tunnel, TunnelOptions, TunnelState, TunnelTiming } from "./tunnel.ts";

/** Opens a tunnel and keeps it alive until it is closed. Throws what the driver makes of a failure. */
export async function openSupervised<Request>(
  driver: TunnelDriver<Request>,
  options: TunnelOptions,
  timing: TunnelTiming,
): Promise<Tunnel> {
  const tunnel = new SupervisedTunnel(driver, options, timing);
  await tunnel.open();
  return tunnel;
}

/** Runs one agent at a time, and replaces it when its connection is lost and does not recover. */
class SupervisedTunnel<Request> implements Tunnel {
  readonly ended: Promise<void>;
  readonly #driver: TunnelDriver<Request>;
  readonly #options: TunnelOptions;
  readonly #timing: TunnelTiming;
  readonly #events = new TunnelEvents();
  readonly #life = new AbortController();
  #agent: Agent<Request> | undefined;
  #url: string | null = null;
  #openedAt = 0;
  /** How many connections in a row were lost soon after they were opened. */
  #shortLives = 0;
  #state: TunnelState | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #end: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(driver: TunnelDriver<Request>, options: TunnelOptions, timing: TunnelTiming) {
    this.#driver = driver;
    this.#options = options;
    this.#timing = timing;
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
    const agent = new Agent<Request>(this.#driver.agent, this.#options.clock);
    const limits = { start: this.#timing.startMs, connect: this.#timing.connectMs, bind: this.#timing.bindMs };
    try {
      this.#opened(agent, await agent.open(this.#driver.request, limits, this.#options.signal, this.#events.push));
    } catch (error) {
      await agent.kill();
      this.#report("closed");
      throw await this.#explained(error);
    }
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
    const { clock } = this.#options;
    const livedMs = clock.now() - this.#openedAt;
    this.#shortLives = livedMs < this.#timing.steadyMs ? this.#shortLives + 1 : 0;
    if (this.#shortLives > 1) {
      await clock.sleep(pauseBefore(this.#shortLives - 1, this.#timing.maxPauseMs), this.#life.signal);
    }
    const { agent, url } = await reopen({
      driver: this.#driver,
      limits: { start: this.#timing.startMs, connect: this.#timing.reconnectMs, bind: this.#timing.bindMs },
      maxPauseMs: this.#timing.maxPauseMs,
      clock,
      signal: this.#life.signal,
      onEvent: this.#events.push,
    });
    this.#opened(agent, url);
  }

  #opened(agent: Agent<Request>, url: string): void {
    this.#agent = agent;
    this.#url = url;
    this.#openedAt = this.#options.clock.now();
  }

  #connection(): Connection {
    return {
      url: this.url,
      events: this.#events,
      isGone: () => this.#agent?.isGone ?? true,
      hasHeartbeats: this.#driver.hasHeartbeats,
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
    return error instanceof AgentFailure ? this.#driver.explain(error) : error;
  }
}
