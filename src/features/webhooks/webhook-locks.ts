import { AppError } from "../../core/errors.ts";
import { localTime } from "../../core/local-time.ts";
import type { Lock, LockHolder, Store } from "../../store/store.ts";

/** Held by a session for its whole life, so that no other session takes the webhook over. */
export const sessionLock = (baseUrl: string, webhookId: string) => `session ${baseUrl} ${webhookId}`;
/** Held while a webhook without an id is being created. */
export const creationLock = (baseUrl: string, url: string) => `create ${baseUrl} ${url}`;
/** Held by the session whose tunnel has the domain, so that a second session can name it. */
export const domainLock = (domain: string) => `ngrok ${domain.replace(/^https:\/\//, "").replace(/\/+$/, "")}`;
/** Held for one read, decision and write of a webhook, so that two processes of this program do not interleave. */
const writeLock = (baseUrl: string, webhookId: string) => `write ${baseUrl} ${webhookId}`;

/** Acquires a lock. Throws `webhook_held`, which names the process that has it. */
export async function acquireLock(
  store: Pick<Store, "tryLock" | "holderOf">,
  name: string,
  holder: LockHolder,
): Promise<Lock> {
  const lock = await store.tryLock(name, holder);
  if (lock !== undefined) return lock;
  const other = await store.holderOf(name);
  const who = other === undefined ? "another session" : `process ${other.pid} since ${localTime(other.since)}`;
  throw new AppError("webhook_held", `this webhook is in use by ${who}`, {
    hint: "Stop that session, or create a new webhook with --new.",
  });
}

const WRITE_WAIT_MS = 15_000;

/** Waits for the lock to change the webhook. Throws `webhook_held` after a time limit. */
export async function acquireWriteLock(
  store: Pick<Store, "lock">,
  target: { readonly baseUrl: string; readonly webhookId: string },
  holder: LockHolder,
): Promise<Lock> {
  const lock = await store.lock(writeLock(target.baseUrl, target.webhookId), holder, {
    timeoutMs: WRITE_WAIT_MS,
    what: "another bluum-hooks process that is changing this webhook",
  });
  if (lock !== undefined) return lock;
  throw new AppError("webhook_held", `another bluum-hooks process has been changing this webhook for too long`, {
    hint: "End the bluum-hooks process that hangs, then try again.",
  });
}
