/** What the ngrok agent needs to open a tunnel. Sent as a message, because other users can read a process's arguments. */
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

/** What the program agent needs to start a tunnel program. Patterns are the sources of regular expressions. */
export interface ProgramRequest {
  /** Tried in order; the first that exists is started. A single one with `isShell` is a command line. */
  readonly commands: readonly string[];
  readonly args: readonly string[];
  readonly isShell: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its first group is the public origin. */
  readonly url: string;
  /** A line after which the URL is served; null if printing the URL says so. */
  readonly ready: string | null;
  /** A line after which the program waits for the user, so that no URL will come. */
  readonly blocked: string | null;
  /** A line that says the connection is in doubt. */
  readonly doubtful: string | null;
  /** How long the URL may take. */
  readonly urlMs: number;
}

/** How a tunnel program failed to open a tunnel. */
export type ProgramFailure =
  | { readonly kind: "unstartable"; readonly code: string }
  | { readonly kind: "exited"; readonly exitCode: number | null }
  | { readonly kind: "blocked" }
  | { readonly kind: "no-url" };

export type ToAgent<Request = AgentRequest> =
  { readonly type: "open"; readonly request: Request } | { readonly type: "close" };

export type FromAgent =
  /** The SDK is loaded, or the program is started, as the leader of a process group. */
  | { readonly type: "started"; readonly programPid?: number }
  /** The service has accepted the credentials. A program does not say when. */
  | { readonly type: "authenticated" }
  /** Requests to the URL are forwarded. */
  | { readonly type: "bound"; readonly url: string }
  /** `text` is the error of the SDK or the service, or the end of the program's output. */
  | { readonly type: "failed"; readonly stage: Stage; readonly text: string; readonly program?: ProgramFailure }
  /** A heartbeat was answered or missed. */
  | { readonly type: "heartbeat"; readonly isMissed: boolean }
  /** The connection was lost, or the SDK failed to reconnect. */
  | { readonly type: "dropped" }
  | { readonly type: "closed" };
