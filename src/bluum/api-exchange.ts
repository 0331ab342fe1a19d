import { headerOf, type HttpClient, readBody } from "../platform/http-client.ts";

/** Maximum size of a response that is read; the rest is cut off. */
export const MAX_ANSWER_BYTES = 1_000_000;

export interface Exchange {
  readonly url: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
  readonly client: HttpClient;
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
 * the response is missing or incomplete, it rejects with Node's error or the signal's reason.
 */
export async function exchange({ url, client, ...request }: Exchange): Promise<Answer> {
  const response = await client.send(new URL(url), request);
  const { body, isWhole } = await readBody(response, MAX_ANSWER_BYTES);
  const header = (name: string) => headerOf(response.headers, name);
  return {
    status: response.statusCode ?? 0,
    text: body.toString("utf8"),
    isWhole,
    isJson: /^[^;]*\bjson\b/i.test(header("content-type") ?? ""),
    requestId: header("x-request-id"),
    retryAfter: header("retry-after"),
    location: header("location"),
  };
}
