import { commandLine, type ApiTarget } from "../../core/command-line.ts";
import { ENVIRONMENTS } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { LockHolder, Store } from "../../store/store.ts";
import { isLoopbackHost } from "../../core/hosts.ts";
import { portOf } from "../../platform/dial.ts";
import { lookUp } from "../../platform/lookup.ts";

/** How many listeners of one environment can be found; a further one works, but must be selected by its URL. */
const SLOTS = 16;

/**
 * A listener is announced by a lock whose description is its URL: the lock of a killed process is free, so that no
 * command uses a listener that is gone.
 */
const slotLock = (environment: string, slot: number) => `listener ${environment} ${slot}`;

export interface RunningListener {
  readonly url: string;
  readonly pid: number;
}

/** Lets other processes find this listener, until disposed. */
export async function announceListener(
  { store, holder }: { readonly store: Pick<Store, "tryLock">; readonly holder: LockHolder },
  listener: { readonly environment: string; readonly url: string },
): Promise<AsyncDisposable> {
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const lock = await store.tryLock(slotLock(listener.environment, slot), { ...holder, what: listener.url });
    if (lock !== undefined) return lock;
  }
  return new UndoStack();
}

/** The listeners of an environment, the most recently started one first. */
async function listenersOf(store: Pick<Store, "holderOf">, environment: string): Promise<RunningListener[]> {
  const found: LockHolder[] = [];
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const holder = await store.holderOf(slotLock(environment, slot));
    if (holder !== undefined) found.push(holder);
  }
  return found
    .toSorted((one, other) => other.since - one.since)
    .map(({ what, pid }): RunningListener => ({ url: what, pid }));
}

/** The most recently started listener of an environment. */
export async function findListener(
  store: Pick<Store, "holderOf">,
  environment: string,
): Promise<RunningListener | undefined> {
  const [newest] = await listenersOf(store, environment);
  return newest;
}

/** The listeners of every environment. */
async function allListeners(store: Pick<Store, "holderOf">): Promise<RunningListener[]> {
  return (await Promise.all(ENVIRONMENTS.map((environment) => listenersOf(store, environment)))).flat();
}

/** Like `findListener`. Throws `listener_not_running`, which names another environment with a listener, if any. */
export async function requireListener(store: Pick<Store, "holderOf">, place: ApiTarget): Promise<RunningListener> {
  const { environment } = place;
  const listener = await findListener(store, environment);
  if (listener !== undefined) return listener;
  for (const other of ENVIRONMENTS) {
    if (other === environment || (await findListener(store, other)) === undefined) continue;
    throw new AppError("listener_not_running", `no listener runs for ${environment}, but one does for ${other}`, {
      hint: `Add --env ${other} to use that one.`,
    });
  }
  throw new AppError("listener_not_running", `no listener runs for ${environment}`, {
    hint: `Start one in another terminal with: ${commandLine("listen", place)} (or name an endpoint, such as --to 3000).`,
  });
}

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
