import type { Generation } from "../core/id-rules.ts";

/** The API's documented error codes, without their `BLUM-` prefix, with the default message of a refusal. */
export const REFUSALS = {
  "400-001": "The request is not valid.",
  "400-002": "A required field is missing.",
  "400-003": "A field has the wrong format.",
  "400-004": "A field has a value that is not allowed.",
  "400-005": "The amount is not valid.",
  "400-006": "The quantity is not valid.",
  "400-007": "The range of dates is not valid.",
  "400-008": "The request body is too large.",
  "401-001": "The Authorization header is missing.",
  "401-002": "The Authorization header is malformed.",
  "401-003": "The API key or secret is wrong.",
  "401-004": "The API key is inactive.",
  "401-005": "The API key has expired.",
  "403-001": "This API key does not have permission for this operation.",
  "403-002": "The account is not approved.",
  "403-004": "The account's state does not allow this operation.",
  "404-001": "The resource was not found.",
  "404-002": "The endpoint was not found.",
  "404-003": "The asset was not found.",
  "409-001": "A resource with the same identifier exists already.",
  "409-002": "The idempotency key was used with another request.",
  "409-003": "The resource's state does not allow this.",
  "422-001": "The account does not have enough funds.",
  "422-002": "The market is closed.",
  "422-003": "The asset is not tradable.",
  "422-004": "The position is smaller than the order.",
  "422-005": "The amount is over the withdrawal limit.",
  "429-001": "Too many requests.",
  "500-001": "Internal error.",
  "500-017": "An upstream service is unavailable.",
} as const satisfies Record<string, string>;

export type RefusalCode = keyof typeof REFUSALS;
export type RefusalStatus = 400 | 401 | 403 | 404 | 409 | 422 | 429 | 500;

const ERROR_TYPES: Readonly<Record<RefusalStatus, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  409: "conflict_error",
  422: "unprocessable_error",
  429: "rate_limit_error",
  500: "api_error",
};

/** The rate limit of a key after a request. `resetAt` is Unix time in milliseconds. */
export interface LimitState {
  readonly perSecond: number;
  readonly left: number;
  readonly resetAt: number;
}

interface RefusalDetails {
  /** The invalid field or header. */
  readonly param?: string | undefined;
  readonly message?: string | undefined;
  /** Only for a request over the rate limit. */
  readonly limit?: LimitState | undefined;
}

/** An error response of the API. Thrown where the reason is found, and formatted in one place. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  readonly param: string | undefined;
  readonly limit: LimitState | undefined;

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    super(details.message ?? REFUSALS[code]);
    this.code = code;
    this.param = details.param;
    this.limit = details.limit;
  }

  get status(): RefusalStatus {
    return Number(this.code.slice(0, 3)) as RefusalStatus;
  }

  toBody(generation: Generation): Record<string, unknown> {
    const code = `BLUM-${this.code}`;
    const { message, param } = this;
    if (generation === "current") {
      return { error: { type: ERROR_TYPES[this.status], code, message, ...(param === undefined ? {} : { param }) } };
    }
    return { code, message, ...(param === undefined ? {} : { details: { field: param, reason: message } }) };
  }
}
