import type { Clock } from "../platform/clock.ts";
import type { TunnelProgram } from "./programs.ts";

export type TunnelState = "connecting" | "connected" | "lost" | "closed";

export interface TunnelChange {
  readonly state: TunnelState;
  /** The public origin, such as `https://x.ngrok.app`; null until it is known. May change after a loss. */
  readonly url: string | null;
}

/** A public URL that leads to a server on this machine, kept alive until closed. */
export interface Tunnel extends AsyncDisposable {
  /** The current public origin, without a trailing slash. */
  readonly url: string;
  /** Rejects with the AppError when the tunnel cannot come back; fulfilled by `close`. Need not be handled. */
  readonly ended: Promise<void>;
  /** Never throws, and completes within a few seconds even if the service is silent. Calling it again has no effect. */
  close(): Promise<void>;
}

export interface TunnelOptions {
  /** Where requests are forwarded: `http://127.0.0.1:PORT`. An IPv4 literal, because `localhost` may mean IPv6. */
  readonly upstreamUrl: string;
  readonly clock: Clock;
  /** Aborts opening, which then rejects with the signal's reason. Only `close` ends an open tunnel. */
  readonly signal: AbortSignal;
  /** Each change once, from `connecting` to `closed`. */
  readonly onChange: (change: TunnelChange) => void;
  /**
   * Whether the public URL leads here now: one request, canceled by the signal; false instead of an exception. Called
   * only in case of doubt and every few minutes. Undefined on networks that cannot reach their own public URLs: then
   * only heartbeats are used.
   */
  readonly probe: ((url: string, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** The agent's program, if it is not in the same folder. */
  readonly agentUrl?: URL | undefined;
  readonly timing?: Partial<TunnelTiming> | undefined;
}

export interface NgrokOptions extends TunnelOptions {
  /** NGROK_AUTHTOKEN. */
  readonly authtoken: string | undefined;
  /** NGROK_DOMAIN: a bare host or an https URL of one; undefined lets the service choose. */
  readonly domain: string | undefined;
  /** NGROK_SERVER_ADDR: `host:port` of a private ingress; undefined for ngrok's own. */
  readonly serverAddr: string | undefined;
  /** NGROK_ROOT_CAS: path of a PEM file, `host` for the machine's trust store, `trusted` or undefined for ngrok's own. */
  readonly rootCas: string | undefined;
  /** This program's version, for the service's list of agents. */
  readonly version: string;
}

/** A program on this machine that opens a tunnel and prints its URL. */
export interface ProgramOptions extends TunnelOptions {
  readonly program: TunnelProgram;
  /** The program's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface TunnelTiming {
  /** Maximum time for each stage of opening: agent started, accepted by the service, URL bound. */
  readonly startMs: number;
  readonly connectMs: number;
  readonly bindMs: number;
  /** The same for the connect stage of a tunnel that was open before: attempts stay at most 5 s apart. */
  readonly reconnectMs: number;
  readonly closeMs: number;
  /** How long a lost connection may take to recover, which is the only way to keep a random URL. */
  readonly recoveryMs: number;
  readonly probeMs: number;
  /** How often the public URL is checked although nothing is wrong: the service counts requests. */
  readonly checkEveryMs: number;
  /** Longest time from the start of one attempt to reconnect to the start of the next. */
  readonly maxPauseMs: number;
  /** A connection that was lost sooner counts as a failed attempt. */
  readonly steadyMs: number;
  /** Whole seconds, both. */
  readonly heartbeatIntervalS: number;
  readonly heartbeatToleranceS: number;
}
