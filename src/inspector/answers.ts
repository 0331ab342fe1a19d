import type { ServerResponse } from "node:http";
import { AppError, type ErrorCode } from "../core/errors.ts";
import type { ApiError } from "./contract.ts";

/** Only files of this server may run in the page, and no other page can embed or read it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** A request that is refused, with its HTTP status. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(status: number, message: string, hint?: string, code: ErrorCode = "request_refused") {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** The HTTP status for an error code of a feature; 500 for all others. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_usage: 400,
  invalid_setting: 400,
  invalid_url: 400,
  production_refused: 403,
  sandbox_unknown: 403,
  session_ended: 401,
  delivery_not_found: 404,
  resource_not_found: 404,
  credentials_missing: 409,
  webhook_secret_missing: 409,
  listener_not_running: 409,
  store_unavailable: 503,
  endpoint_unreachable: 502,
  api_unreachable: 502,
  api_timeout: 502,
  api_unavailable: 502,
  api_refused: 502,
  api_rate_limited: 502,
};

/** Sends responses to a page or a script. `mask` hides secrets in every text. */
export class Answers {
  readonly #mask: (text: string) => string;

  constructor(mask: (text: string) => string) {
    this.#mask = mask;
  }

  text(text: string): string {
    return this.#mask(text);
  }

  json(response: ServerResponse, status: number, value: object): void {
    const body = Buffer.from(this.#mask(JSON.stringify(value)));
    response.writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": body.length,
      "cache-control": "no-store",
    });
    response.end(body);
  }

  error(response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy();
    const known = error instanceof Refused || error instanceof AppError;
    const status = error instanceof Refused ? error.status : error instanceof AppError ? STATUS[error.code] : undefined;
    const body: ApiError = {
      code: known ? error.code : "internal",
      message: known ? error.message : String(error),
      hint: (known ? error.hint : undefined) ?? null,
    };
    // The unread rest of a body would be interpreted as the next request.
    if (!response.req.complete) response.setHeader("connection", "close");
    this.json(response, status ?? 500, body);
  }

  /** Bytes for a download; masked parts differ from the original. */
  bytes(response: ServerResponse, name: string, bytes: Uint8Array): void {
    const body = this.#masked(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.attachment(response, name, "application/octet-stream");
    response.setHeader("content-length", body.length);
    response.end(body);
  }

  attachment(response: ServerResponse, name: string, type: string): void {
    response.statusCode = 200;
    response.setHeader("content-type", type);
    response.setHeader("content-disposition", contentDisposition(name));
    response.setHeader("cache-control", "no-store");
  }

  #masked(bytes: Buffer): Buffer {
    for (const encoding of ["utf8", "latin1"] as const) {
      const text = bytes.toString(encoding);
      const masked = this.#mask(text);
      if (masked === text) continue;
      // In latin1 each character is a byte, except those of the mask.
      return encoding === "utf8" ? Buffer.from(masked) : Buffer.from(masked.replace(/[^\0-\xff]/g, "*"), "latin1");
    }
    return bytes;
  }
}

/** Encodes a name from outside for a header (RFC 6266, 8187). */
export function contentDisposition(name: string): string {
  const plain = name.replace(/[/\\]/g, "_").replace(/^\.+/, "");
  const ascii = plain.replace(/[^\w.-]/g, "_") || "download";
  const encoded = encodeURIComponent(plain.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded || ascii}`;
}
