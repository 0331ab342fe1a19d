import { request } from "undici";
import type { Proxy } from "../core/proxy.ts";
import { createDispatcher } from "./proxied.ts";

export interface GetOptions {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** What to go through, if anything. What Node itself reads of the environment does not count. */
  readonly proxy?: Proxy | undefined;
}

/** Of an answer; the rest is not read. */
const MAX_BYTES = 64 * 1024;

/** One GET, whose redirects are not followed. Rejects with what undici throws, or the signal's reason. */
export async function get(
  url: URL,
  { signal, headers = {}, proxy }: GetOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  const dispatcher = createDispatcher(proxy);
  try {
    const { statusCode, body } = await request(url, { headers, signal, dispatcher });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BYTES) break;
    }
    return { status: statusCode, text: Buffer.concat(chunks).toString() };
  } finally {
    await dispatcher.destroy();
  }
}
