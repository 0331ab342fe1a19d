import { isLoopbackHost } from "../../core/hosts.ts";
import { AppError } from "../../core/errors.ts";
import { portOf } from "../../platform/dial.ts";
import { lookUp } from "../../platform/lookup.ts";
import type { Store } from "../../store/store.ts";
import { allListeners } from "./listeners.ts";

/** Whether a URL leads to this port of this machine, with any spelling of the host. */
export async function leadsToPort(url: URL, port: number, signal: AbortSignal): Promise<boolean> {
  if (portOf(url) !== port) return false;
  if (isLoopbackHost(url.hostname)) return true;
  const found = await lookUp(url.hostname, signal);
  return found.kind === "found" && found.addresses.some((address) => isLoopbackHost(address));
}

/** Each delivery would be received and forwarded again, without limit. */
export function loopError(forwardUrl: string, where: string): AppError {
  return new AppError("invalid_usage", `--forward-to ${forwardUrl} leads back to ${where}`, {
    hint: "Use the port or URL of your app. If your app uses the port of the listener, choose another one with --port.",
  });
}

/** Throws `invalid_usage` for a URL of a running listener: it would store each replay as a new delivery. */
export async function refuseListener(
  store: Pick<Store, "holderOf">,
  target: string,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(target);
  for (const listener of await allListeners(store)) {
    if (!(await leadsToPort(url, portOf(new URL(listener.url)), signal))) continue;
    throw new AppError("invalid_usage", `${target} is your listener (process ${listener.pid}), not your app`, {
      hint: "Set the port or URL of your app with --to, such as --to 3000.",
    });
  }
}
