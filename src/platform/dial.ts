import { connect } from "node:net";
import type { ExchangeFailure } from "../core/exchange.ts";

const TIMEOUT_MS = 1_000;

/** Whether anything accepts a TCP connection there, or why not. Sends nothing. An empty host is left to the system. */
export function dial(host: string, port: number, signal?: AbortSignal): Promise<ExchangeFailure | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port, autoSelectFamily: true });
    const settle = (failure: ExchangeFailure | undefined) => {
      socket.destroy();
      signal?.removeEventListener("abort", stop);
      resolve(failure);
    };
    const stop = () => settle("stopped");
    socket.setTimeout(TIMEOUT_MS, () => settle("unreachable"));
    socket.once("connect", () => settle(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const codes =
        error instanceof AggregateError ? error.errors.map((each: NodeJS.ErrnoException) => each.code) : [error.code];
      settle(codes.includes("ECONNREFUSED") ? "refused" : "unreachable");
    });
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
  });
}

export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}
