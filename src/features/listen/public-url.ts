import { AppError } from "../../core/errors.ts";
import { proxyName, type Proxy } from "../../core/proxy.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { Receiver } from "../../delivery/receiver.ts";
import type { LockHolder, Store } from "../../store/store.ts";
import { leadsHere, proveReachable } from "../../tunnel/run-self-test.ts";
import type { TunnelProgram } from "../../tunnel/programs.ts";
import type { NgrokOptions, ProgramOptions, Tunnel, TunnelOptions } from "../../tunnel/tunnel.ts";
import { domainLock } from "../webhooks/webhook-locks.ts";

export type NgrokSettings = Pick<NgrokOptions, "authtoken" | "domain" | "serverAddr" | "rootCas">;

/** How the API reaches this machine: directly, through the user's own URL, or through a tunnel of this program. */
export type Ingress =
  | { readonly kind: "direct" }
  | { readonly kind: "given"; readonly url: string }
  /** `proxy`: the environment's proxy for connections to ngrok, whose SDK does not support it. */
  | { readonly kind: "ngrok"; readonly settings: NgrokSettings; readonly proxy?: Proxy | undefined }
  | { readonly kind: "program"; readonly program: TunnelProgram };

export interface PublicUrlDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly version: string;
  /** The environment's proxy for a URL. */
  readonly proxyFor: (url: string) => Proxy | undefined;
  readonly store: Pick<Store, "tryLock" | "holderOf">;
  readonly holder: LockHolder;
  readonly openNgrok: (options: NgrokOptions) => Promise<Tunnel>;
  readonly openProgramTunnel: (options: ProgramOptions) => Promise<Tunnel>;
  /** The variables of a tunnel program. */
  readonly env: ProgramOptions["env"];
}

export interface PublicUrl extends AsyncDisposable {
  /** The current URL for the API's deliveries. */
  current(): string;
  /** Rejects when it is lost permanently. */
  readonly ended: Promise<void>;
  /** Called each time the URL has changed. */
  onMoved(listener: () => void): void;
}

/** Opens the public URL and, unless it is direct, proves that it leads to this listener. */
export async function openPublicUrl(
  ingress: Ingress,
  options: { readonly path: string; readonly selfTest: boolean; readonly maxBodyBytes: number },
  deps: PublicUrlDeps & { readonly receiver: Receiver; readonly bus: FactBus },
): Promise<PublicUrl> {
  const { receiver, bus } = deps;
  const localUrl = `${receiver.origin}${options.path}`;
  const { maxBodyBytes } = options;
  const selfTest = (url: string) => ({ url, host: receiver, proxy: deps.proxyFor(url), localUrl, maxBodyBytes });
  /** Opens a tunnel of this program, proves it, and reports when its URL changes. */
  async function keepOpen(
    undo: UndoStack,
    fresh: { readonly settleMs: number; readonly urlHint?: string | undefined },
    open: (common: TunnelOptions) => Promise<Tunnel>,
  ): Promise<PublicUrl> {
    let notify: () => void = () => {};
    const tunnel = await open({
      upstreamUrl: receiver.origin,
      clock: deps.clock,
      signal: deps.signal,
      onChange: (change) => {
        bus.publish({ type: "tunnel", ...change });
        notify();
      },
      probe: options.selfTest ? (url, signal) => leadsHere(selfTest(`${url}${options.path}`), signal) : undefined,
    });
    undo.push(() => tunnel.close());
    if (options.selfTest) await proveReachable({ ...selfTest(`${tunnel.url}${options.path}`), ...fresh }, deps);
    else if (fresh.urlHint !== undefined) bus.publish({ type: "warning", ...untested(tunnel.url, fresh.urlHint) });
    let reported = tunnel.url;
    const steps = undo.move();
    return {
      current: () => `${tunnel.url}${options.path}`,
      ended: tunnel.ended,
      onMoved(listener) {
        notify = () => {
          if (tunnel.url === reported) return;
          reported = tunnel.url;
          listener();
        };
        // It may have changed since it was proven.
        notify();
      },
      [Symbol.asyncDispose]: () => steps[Symbol.asyncDispose](),
    };
  }
  switch (ingress.kind) {
    case "direct":
      return fixed(localUrl);
    case "given": {
      const given = new URL(ingress.url);
      // A URL with a path is used unchanged; a bare origin gets the listener's path.
      if (given.pathname === "/") given.pathname = options.path;
      const url = given.href;
      bus.publish({ type: "tunnel", state: "connecting", url });
      if (options.selfTest) await proveReachable(selfTest(url), deps);
      bus.publish({ type: "tunnel", state: "connected", url });
      return fixed(url);
    }
    case "ngrok": {
      if (ingress.proxy !== undefined)
        bus.publish({ type: "warning", ...proxyIgnored(ingress.proxy, receiver.origin) });
      await using undo = new UndoStack();
      const { domain } = ingress.settings;
      const lock = domain === undefined ? undefined : await deps.store.tryLock(domainLock(domain), deps.holder);
      if (lock !== undefined) undo.use(lock);
      const lockedDomain = lock === undefined ? domain : undefined;
      return await keepOpen(undo, { settleMs: 0 }, async (common) =>
        openNamingRival(deps, lockedDomain, { ...ingress.settings, ...common, version: deps.version }),
      );
    }
    case "program": {
      await using undo = new UndoStack();
      const { program } = ingress;
      const { settleMs, urlHint } = program;
      return await keepOpen(undo, { settleMs, urlHint }, async (common) =>
        deps.openProgramTunnel({ ...common, program, env: deps.env }),
      );
    }
    default:
      return ingress satisfies never;
  }
}

function untested(url: string, hint: string) {
  return { code: "url_untested", message: `${url} was not tested`, hint } as const;
}

/** Reported before the connection fails, which takes a while. */
function proxyIgnored(proxy: Proxy, localOrigin: string) {
  const { port } = new URL(localOrigin);
  return {
    code: "proxy_ignored",
    message: `the ngrok SDK cannot use ${proxyName(proxy)}: it connects directly`,
    hint: `If this network does not allow that, set proxy_url in the configuration of the ngrok agent, run ngrok http ${port}, and use its URL: bluum-hooks listen --port ${port} --public-url https://…`,
  } as const;
}

/** Opens the tunnel. If a session on this machine already serves the domain, the error names that session. */
async function openNamingRival(
  deps: PublicUrlDeps,
  /** Locked by another process. */
  lockedDomain: string | undefined,
  options: NgrokOptions,
): Promise<Tunnel> {
  try {
    return await deps.openNgrok(options);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "tunnel_endpoint_taken" || lockedDomain === undefined)
      throw error;
    const rival = await deps.store.holderOf(domainLock(lockedDomain));
    if (rival === undefined) throw error;
    throw new AppError(error.code, `${lockedDomain} is already used by your session in process ${rival.pid}`, {
      hint: `Stop it with: kill ${rival.pid}. Or use another domain for this one.`,
      vendorCode: error.vendorCode,
      cause: error,
    });
  }
}

function fixed(url: string): PublicUrl {
  return {
    current: () => url,
    ended: new Promise(() => {}),
    onMoved: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
