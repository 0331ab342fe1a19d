/** What an agent needs to open a tunnel. Sent as a message, because other users can read a process's arguments. */
export interface AgentRequest {
  readonly authtoken: string;
  /** Bare host; null lets the service choose. */
  readonly domain: string | null;
  /** `host:port`; null for the service's default. */
  readonly serverAddr: string | null;
  readonly trust: Trust;
  /** Where requests are forwarded, such as `http://127.0.0.1:PORT`. */
  readonly upstreamUrl: string;
  /** This program's version, for the service's list of agents. */
  readonly version: string;
  /** Whole seconds. */
  readonly heartbeatIntervalS: number;
  /** How long after its interval a heartbeat counts as missed. Whole seconds. */
  readonly heartbeatToleranceS: number;
}

/** Certificates to trust for the service: ngrok's own authority, the machine's trust store, or those of a PEM text. */
export type Trust =
  { readonly kind: "ngrok" } | { readonly kind: "host" } | { readonly kind: "pem"; readonly pem: string };

/** The stages of opening a tunnel. */
export type Stage = "start" | "connect" | "bind";

export type ToAgent = { readonly type: "open"; readonly request: AgentRequest } | { readonly type: "close" };

export type FromAgent =
  /** The SDK is loaded. */
  | { readonly type: "started" }
  /** The service has accepted the credentials. */
  | { readonly type: "authenticated" }
  /** Requests to the URL are forwarded. */
  | { readonly type: "bound"; readonly url: string }
  | { readonly type: "failed"; readonly stage: Stage; readonly text: string }
  /** A heartbeat was answered or missed. */
  | { readonly type: "heartbeat"; readonly isMissed: boolean }
  /** The connection was lost, or the SDK failed to reconnect. */
  | { readonly type: "dropped" }
  | { readonly type: "closed" };
