import { basic } from "../integration/emulator-support/client.ts";
import type { Target } from "./targets.ts";

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface RawCall {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call that this program would never send, or of which it shows only a part. */
export async function ask(target: Target, { method = "GET", path, body, headers = {} }: RawCall): Promise<RawAnswer> {
  const { apiKey, apiSecret } = target.credentials;
  const response = await fetch(`${target.baseUrl}${path}`, {
    method,
    headers: { authorization: basic(apiKey, apiSecret), "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as RawAnswer["body"] };
}

/** A new key for each call that moves money. */
export function keyed(): { readonly "idempotency-key": string } {
  return { "idempotency-key": crypto.randomUUID() };
}

/** `BLUM-400-002`, in the form of either generation. */
export function codeOf({ body }: RawAnswer): unknown {
  return (body["error"] as { code?: unknown } | undefined)?.code ?? body["code"];
}
