import { AppError } from "../../core/errors.ts";
import { proxyName, type Proxy } from "../../core/proxy.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { UndoStack } from "../../platform/undo.ts";
import type { Receiver } from "../../delivery/receiver.ts";
import type { LockHolder, Store } from "../../store/store.ts";
import { leadsHere, proveReachable } from "../../tunnel/run-self-test.ts";
import type { Tunnel, TunnelOptions } from "../../tunnel/tunnel.ts";
import { domainLock } from "../webhooks/webhook-locks.ts";

export type NgrokSettings = Pick<TunnelOptions, "authtoken" | "domain" | "serverAddr" | "rootCas">;

/** How the API reaches this machine: directly, through a URL that the user vouches for, or through a tunnel of ours. */
export type Way =
  | { readonly kind: "direct" }
  | { readonly kind: "given"; readonly url: string }
  /** `proxy`: what the environment names for the way to ngrok, whose SDK has no use for it. */
  | { readonly kind: "ngrok"; readonly settings: NgrokSettings; readonly proxy?: Proxy | undefined };

export interface PublicUrlDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly version: string;
  /** What the environment names for the way to a URL. */
  readonly proxyFor: (url: string) => Proxy | undefined;
  readonly store: Pick<Store, "tryLock" | "holderOf">;
  readonly holder: LockHolder;
  readonly openTunnel: (options: TunnelOptions) => Promise<Tunnel>;
}

export interface PublicUrl {
  /** Where the API shall deliver, as it is now. */
  current(): string;
  /** Rejects when the way in is lost for good. */
  readonly ended: Promise<void>;
  /** Told each time the URL has become another one. */
  onMoved(listener: () => void): void;
}

/** Opens the way in and, unless it is direct, proves that its very URL leads to this listener. */
export async function openPublicUrl(
  way: Way,
  options: { readonly path: string; readonly selfTest: boolean; readonly maxBodyBytes: number },
  deps: PublicUrlDeps & { readonly receiver: Receiver; readonly bus: FactBus; readonly undo: UndoStack },
): Promise<PublicUrl> {
  const { receiver, bus } = deps;
  const localUrl = `${receiver.origin}${options.path}`;
  const selfTest = (url: string) => ({ url, host: receiver, proxy: deps.proxyFor(url), localUrl, ...options });
  switch (way.kind) {
    case "direct":
      return fixed(localUrl);
    case "given": {
      const given = new URL(way.url);
      // A URL with a path of its own is used as it is; a bare origin gets the listener's path.
      if (given.pathname === "/") given.pathname = options.path;
      const url = given.href;
      bus.publish({ type: "tunnel", state: "connecting", url });
      if (options.selfTest) await proveReachable(selfTest(url), deps);
      bus.publish({ type: "tunnel", state: "connected", url });
      return fixed(url);
    }
    case "ngrok": {
      if (way.proxy !== undefined) bus.publish({ type: "warning", ...proxyIgnored(way.proxy, receiver.origin) });
      let tell: () => void = () => {};
      const tunnel = await openNamingRival(deps, {
        ...way.settings,
        upstreamUrl: receiver.origin,
        version: deps.version,
        clock: deps.clock,
        signal: deps.signal,
        onChange: (change) => {
          bus.publish({ type: "tunnel", ...change });
          tell();
        },
        probe: options.selfTest ? (url, signal) => leadsHere(selfTest(`${url}${options.path}`), signal) : undefined,
      });
      deps.undo.push(() => tunnel.close());
      if (options.selfTest) await proveReachable(selfTest(`${tunnel.url}${options.path}`), deps);
      let told = tunnel.url;
      return {
        current: () => `${tunnel.url}${options.path}`,
        ended: tunnel.ended,
        onMoved(listener) {
          tell = () => {
            if (tunnel.url === told) return;
            told = tunnel.url;
            listener();
          };
          // It may have moved since it was proven.
          tell();
        },
      };
    }
    default:
      return way satisfies never;
  }
}

/** Known before the connection fails, which takes a while. */
function proxyIgnored(proxy: Proxy, localOrigin: string) {
  const { port } = new URL(localOrigin);
  return {
    code: "proxy_ignored",
    message: `the ngrok SDK cannot use ${proxyName(proxy)}: it connects directly`,
    hint: `If this network does not allow that, set proxy_url in the configuration of the ngrok agent, run ngrok http ${port}, and name its URL: bluum-hooks listen --port ${port} --public-url https://…`,
  } as const;
}

/** Opens the tunnel. Where its domain is taken by a session on this machine, the error names that session. */
async function openNamingRival(
  deps: PublicUrlDeps & { readonly undo: UndoStack },
  options: TunnelOptions,
): Promise<Tunnel> {
  const { domain } = options;
  if (domain === undefined) return deps.openTunnel(options);
  const lock = await deps.store.tryLock(domainLock(domain), deps.holder);
  if (lock !== undefined) deps.undo.push(() => lock[Symbol.asyncDispose]());
  try {
    return await deps.openTunnel(options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "tunnel_endpoint_taken" || lock !== undefined) throw error;
    const rival = await deps.store.holderOf(domainLock(domain));
    if (rival === undefined) throw error;
    throw new AppError(error.code, `${domain} is served by a session of your own already, process ${rival.pid}`, {
      hint: `Stop it with: kill ${rival.pid}. Or give this one another domain.`,
      vendorCode: error.vendorCode,
      cause: error,
    });
  }
}

function fixed(url: string): PublicUrl {
  return { current: () => url, ended: new Promise(() => {}), onMoved: () => {} };
}
