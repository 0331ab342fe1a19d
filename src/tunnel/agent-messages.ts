/** What an agent needs to open a tunnel. Travels to it as a message: arguments can be read by other users. */
export interface AgentRequest {
  readonly authtoken: string;
  /** Bare host; null lets the service choose. */
  readonly domain: string | null;
  /** `host:port`; null for the service's own. */
  readonly serverAddr: string | null;
  readonly trust: Trust;
  /** Where visits go, such as `http://127.0.0.1:4600`. */
  readonly upstreamUrl: string;
  /** Our version, for the service's list of agents. */
  readonly version: string;
  /** Whole seconds. */
  readonly heartbeatIntervalS: number;
  /** How long after its interval a heartbeat counts as missed. Whole seconds. */
  readonly heartbeatToleranceS: number;
}

/** Whose certificates the service may show: ngrok's own authority, the machine's trust store, or those of a PEM text. */
export type Trust =
  { readonly kind: "ngrok" } | { readonly kind: "host" } | { readonly kind: "pem"; readonly pem: string };

/** How far an opening has come. */
export type Stage = "start" | "connect" | "bind";

export type ToAgent = { readonly type: "open"; readonly request: AgentRequest } | { readonly type: "close" };

export type FromAgent =
  /** The SDK is loaded. */
  | { readonly type: "started" }
  /** The service accepts us. */
  | { readonly type: "authenticated" }
  /** Visits to the URL arrive. */
  | { readonly type: "bound"; readonly url: string }
  | { readonly type: "failed"; readonly stage: Stage; readonly text: string }
  /** A heartbeat's answer came, or was missed. */
  | { readonly type: "heartbeat"; readonly isMissed: boolean }
  /** The connection was lost, or the SDK failed to reconnect. */
  | { readonly type: "dropped" }
  | { readonly type: "closed" };
