import { startSession, type Session } from "./session.ts";

/** A `listen` in this process that does not change webhooks. */
export interface Listener extends Session {
  readonly url: string;
  /** Delivers one event; returns the status. */
  deliver(event: string, resourceId: string, more?: { id?: string; headers?: Record<string, string> }): Promise<number>;
}

/** Starts `listen --no-register --port 0 --json` with further arguments, and waits until it is ready. */
export async function startListener(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Listener> {
  const session = await startSession(["--no-register", ...args], env);
  const { localUrl } = await session.record("ready");
  const url = String(localUrl);
  return {
    ...session,
    url,
    async deliver(event, resourceId, { id, headers = {} } = {}) {
      const timestamp = "2025-06-15T14:30:15Z";
      const body = JSON.stringify({ ...(id === undefined ? {} : { id }), event, timestamp, data: { id: resourceId } });
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body,
      });
      return response.status;
    },
  };
}
