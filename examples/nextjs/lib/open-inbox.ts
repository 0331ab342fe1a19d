import { Inbox } from "./inbox";

const shared = globalThis as { bluumInbox?: Inbox };

/** One for the process. The first request opens it, because `next build` loads the routes too, without the secret. */
export function openInbox(): Inbox {
  return (shared.bluumInbox ??= new Inbox(process.env.DATABASE ?? "events.db", process.env.BLUUM_WEBHOOK_SECRET));
}
