import { type Dispatcher, request } from "undici";

/** Maximum size of a response that is read; the rest is cut off. */
export const MAX_ANSWER_BYTES = 1_000_000;

export interface Exchange {
  readonly url: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
}

/** A response with any status, unchanged. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** False if the body was longer than `MAX_ANSWER_BYTES`; then `text` is its beginning. */
  readonly isWhole: boolean;
  readonly isJson: boolean;
  readonly requestId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
}

/**
 * Sends one request and reads the whole response. Redirects are not followed: the credentials belong to one host. If
 * the response is missing or incomplete, it rejects with undici's error or the signal's reason.
 */
export async function exchange({ url, ...options }: Exchange): Promise<Answer> {
  const { statusCode, headers, body } = await request(url, { ...options, body: options.body ?? null });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) break; // leaving the loop closes the connection
  }
  const header = (name: string) => [headers[name]].flat()[0];
  return {
    status: statusCode,
    text: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString("utf8"),
    isWhole: bytes <= MAX_ANSWER_BYTES,
    isJson: /^[^;]*\bjson\b/i.test(header("content-type") ?? ""),
    requestId: header("x-request-id"),
    retryAfter: header("retry-after"),
    location: header("location"),
  };
}
