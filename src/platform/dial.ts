import { connect } from "node:net";
import type { ExchangeFailure } from "../core/exchange.ts";
import { onAbort } from "./abort.ts";

const TIMEOUT_MS = 1_000;

/** Why a TCP connection to a port fails, or undefined if it succeeds. The system resolves an empty host. */
export async function dial(host: string, port: number, signal?: AbortSignal): Promise<ExchangeFailure | undefined> {
  if (signal?.aborted === true) return "stopped";
  const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port, autoSelectFamily: true });
  using _listener = onAbort(signal, () => socket.destroy(new Error("aborted")));
  try {
    return await new Promise((resolve) => {
      socket.setTimeout(TIMEOUT_MS, () => resolve("unreachable"));
      socket.once("connect", () => resolve(undefined));
      socket.on("error", (error: NodeJS.ErrnoException) => {
        const codes =
          error instanceof AggregateError ? error.errors.map((each: NodeJS.ErrnoException) => each.code) : [error.code];
        if (signal?.aborted === true) resolve("stopped");
        else resolve(codes.includes("ECONNREFUSED") ? "refused" : "unreachable");
      });
    });
  } finally {
    socket.destroy();
  }
}

export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "https:" ? 443 : 80));
}
