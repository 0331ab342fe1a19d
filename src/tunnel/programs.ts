import { devNull } from "node:os";
import type { ErrorCode } from "../core/errors.ts";

/** A program that opens a tunnel: how to start it, and how to read its output. */
export interface TunnelProgram {
  /** As in messages. */
  readonly name: string;
  /** Tried in order; the first that exists is started. With `isShell`, one command line for the user's shell. */
  readonly commands: (upstreamUrl: string) => readonly string[];
  readonly args: (upstreamUrl: string) => readonly string[];
  readonly isShell: boolean;
  /** Its first group is the public origin. */
  readonly url: RegExp;
  /** A line after which the URL is served; absent if printing the URL says so. */
  readonly ready?: RegExp;
  /** A line after which the program waits for the user, so that no URL will come. */
  readonly blocked?: RegExp;
  /** A line that says the connection is in doubt. */
  readonly doubtful?: RegExp;
  /** How long the URL may take. */
  readonly urlMs: number;
  /** How long a new URL may take to become reachable: its name must first reach the resolvers. */
  readonly settleMs: number;
  /** What to do if the URL is not that of the tunnel; absent if the pattern allows no other. */
  readonly urlHint?: string;
  /** The meaning of known failure messages; the first that matches counts. `$1` is the pattern's first group. */
  readonly failures: readonly KnownFailure[];
  /** How to install it. */
  readonly install: string;
}

export interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Whether a retry cannot help. */
  readonly isFinal: boolean;
}

/**
 * A quick tunnel, which needs no account. It prints its URL on stderr in a box before it has a connection, and names
 * `api.trycloudflare.com` in its errors (cmd/cloudflared/tunnel/quick_tunnel.go in github.com/cloudflare/cloudflared).
 * Ingress rules of a configuration file would replace `--url`, so the file is an empty one (config/configuration.go).
 */
const CLOUDFLARED: TunnelProgram = {
  name: "cloudflared",
  commands: () => ["cloudflared"],
  args: (url) => ["tunnel", "--config", devNull, "--no-autoupdate", "--grace-period", "1s", "--url", url],
  isShell: false,
  url: /(https:\/\/(?!api\.)[a-z0-9-]+\.trycloudflare\.com)(?=[\s|]|$)/,
  ready: /Registered tunnel connection/,
  doubtful: /Connection terminated|Lost connection with the edge/,
  urlMs: 40_000,
  settleMs: 30_000,
  failures: [
    {
      // What its service answers is quoted in github.com/cloudflare/workers-sdk, packages/workers-utils, tunnel tests.
      pattern: /429 Too Many Requests|error code: 1015/,
      code: "tunnel_refused",
      message: "Cloudflare limits how often quick tunnels are opened, and this network has opened too many",
      hint: "Wait a few minutes, or use a tunnel of a Cloudflare account with --public-url.",
      isFinal: false,
    },
    {
      // https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/configure-tunnels/tunnel-with-firewall/
      pattern: /failed to dial to edge|no more connections active/i,
      code: "tunnel_unavailable",
      message: "cloudflared cannot connect to Cloudflare",
      hint: "Check that the network allows outgoing connections to port 7844 (UDP, or TCP).",
      isFinal: false,
    },
    {
      pattern: /failed to request quick Tunnel/,
      code: "tunnel_unavailable",
      message: "cloudflared cannot reach api.trycloudflare.com",
      hint: "Check the network: port 443 must be open to it.",
      isFinal: false,
    },
  ],
  install: "Install it: https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/downloads/",
};

/**
 * Funnel in the foreground: it ends with the process, also after a crash. It prints `Available on the internet:` and the
 * URL on stdout, and waits with a link if Funnel must first be enabled (cmd/tailscale/cli/serve_v2.go and serve_legacy.go
 * in github.com/tailscale/tailscale).
 */
const TAILSCALE: TunnelProgram = {
  name: "tailscale",
  // On macOS the app brings the command, but does not put it into PATH: https://tailscale.com/kb/1080/cli
  commands: () => ["tailscale", "/Applications/Tailscale.app/Contents/MacOS/Tailscale"],
  args: (url) => ["funnel", "--yes", url],
  isShell: false,
  url: /^(https:\/\/[a-z0-9.-]+\.ts\.net(?::\d+)?)\/?$/,
  blocked: /https:\/\/login\.tailscale\.com\/\S+/,
  urlMs: 30_000,
  settleMs: 60_000,
  failures: [
    {
      pattern: /(https:\/\/login\.tailscale\.com\/\S+)/,
      code: "tunnel_refused",
      message: "Tailscale Funnel is not enabled for this machine",
      hint: "Enable it at $1 and start listen again.",
      isFinal: true,
    },
    {
      pattern: /Access denied|use 'sudo tailscale/i,
      code: "tunnel_refused",
      message: "this user may not change the configuration of Tailscale",
      hint: "Allow it once with: sudo tailscale set --operator=$USER",
      isFinal: true,
    },
    {
      pattern:
        /listener already exists for port|already exists under this port|background configuration already exists/i,
      code: "tunnel_endpoint_taken",
      message: "Tailscale already serves port 443 of this machine",
      hint: "Stop the other tailscale funnel or serve: see tailscale funnel status, or run: tailscale funnel --https=443 off",
      isFinal: false,
    },
    {
      pattern: /failed to connect to local tailscaled|Tailscale is stopped|Logged out|NeedsLogin|NoState/i,
      code: "tunnel_unavailable",
      message: "Tailscale is not running or not logged in",
      hint: "Start it and log in: tailscale up",
      isFinal: false,
    },
  ],
  install: "Install it: https://tailscale.com/download",
};

/** By the value of `--tunnel`. */
export const TUNNEL_PROGRAMS = { cloudflared: CLOUDFLARED, tailscale: TAILSCALE } as const;

/**
 * Any other program. The first https origin that it prints is the public URL: an address with a path is a link to a
 * page.
 */
export function commandProgram(command: string): TunnelProgram {
  return {
    name: "the tunnel command",
    commands: (url) => [command.replaceAll("{port}", new URL(url).port).replaceAll("{url}", url)],
    args: () => [],
    isShell: true,
    url: /(https:\/\/[a-z0-9.-]+(?::\d+)?)(?=\/?(?:[\s"'`|<>()[\],;]|$))/i,
    urlMs: 30_000,
    settleMs: 30_000,
    urlHint:
      "The URL is the first one that the command printed: if it is not that of the tunnel, filter the command's output.",
    failures: [],
    install: "Check the command after command: in --tunnel.",
  };
}
