import { quoted } from "../core/shell-word.ts";
import { type ApiRequest, resolveUrl } from "./api-request.ts";

/** The curl command equivalent to the request, with the credentials as shell variables. */
export function toCurl(request: ApiRequest, { baseUrl }: { readonly baseUrl: string }): string {
  return [
    `curl -X ${request.method} ${quoted(resolveUrl(baseUrl, request.path))}`,
    `-u "$BLUUM_API_KEY:$BLUUM_API_SECRET"`,
    `-H 'Content-Type: application/json'`,
    `-H ${quoted(`Idempotency-Key: ${request.idempotencyKey}`)}`,
    `--data-raw ${quoted(JSON.stringify(request.body))}`,
  ].join(" \\\n  ");
}
