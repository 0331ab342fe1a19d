/**
 * Every error that can end a command: one permanent code each, with the exit code of the process. `docs/errors.md`
 * lists the same codes; a test compares the two.
 */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  credentials: 3,
  tunnel: 4,
  timeout: 5,
  checkFailed: 6,
  bug: 70,
  notExecutable: 126,
  notFound: 127,
} as const;

export const ERROR_CODES = {
  invalid_usage: EXIT.usage,
  invalid_setting: EXIT.usage,
  invalid_url: EXIT.usage,
  production_refused: EXIT.usage,
  sandbox_unknown: EXIT.usage,
  confirmation_required: EXIT.usage,
  recipe_invalid: EXIT.usage,
  credentials_missing: EXIT.credentials,
  credentials_refused: EXIT.credentials,
  permission_denied: EXIT.credentials,
  webhook_secret_missing: EXIT.credentials,
  api_unreachable: EXIT.failed,
  api_timeout: EXIT.failed,
  proxy_refused: EXIT.failed,
  api_rate_limited: EXIT.failed,
  api_unavailable: EXIT.failed,
  api_refused: EXIT.failed,
  api_conflict: EXIT.failed,
  api_not_found: EXIT.failed,
  api_invalid_response: EXIT.failed,
  webhook_not_found: EXIT.failed,
  webhook_held: EXIT.failed,
  webhook_changed: EXIT.failed,
  restore_pending: EXIT.failed,
  change_unproven: EXIT.failed,
  nothing_to_roll_back: EXIT.failed,
  delivery_not_found: EXIT.failed,
  resource_not_found: EXIT.failed,
  event_failed: EXIT.failed,
  listener_not_running: EXIT.failed,
  unexpected_answer: EXIT.failed,
  port_in_use: EXIT.failed,
  file_unusable: EXIT.failed,
  output_unwritable: EXIT.failed,
  config_damaged: EXIT.failed,
  store_unavailable: EXIT.failed,
  store_driver_missing: EXIT.failed,
  store_too_new: EXIT.failed,
  team_not_joined: EXIT.credentials,
  team_invite_invalid: EXIT.credentials,
  team_key_mismatch: EXIT.credentials,
  team_refused: EXIT.credentials,
  team_unreachable: EXIT.failed,
  team_in_use: EXIT.failed,
  team_other_account: EXIT.failed,
  team_log_damaged: EXIT.failed,
  team_log_too_new: EXIT.failed,
  team_log_too_old: EXIT.failed,
  team_log_replaced: EXIT.failed,
  command_not_found: EXIT.notFound,
  command_not_executable: EXIT.notExecutable,
  endpoint_unreachable: EXIT.failed,
  state_unreadable: EXIT.failed,
  session_ended: EXIT.failed,
  request_refused: EXIT.failed,
  not_allowed: EXIT.failed,
  public_url_unreachable: EXIT.tunnel,
  tunnel_unavailable: EXIT.tunnel,
  tunnel_intercepted: EXIT.tunnel,
  tunnel_refused: EXIT.tunnel,
  tunnel_endpoint_taken: EXIT.tunnel,
  tunnel_domain_refused: EXIT.tunnel,
  tunnel_package_missing: EXIT.tunnel,
  tunnel_program_missing: EXIT.tunnel,
  timed_out: EXIT.timeout,
  expectation_failed: EXIT.checkFailed,
  check_failed: EXIT.checkFailed,
  internal: EXIT.bug,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

interface ErrorDetails {
  /** What the user can do next, as one sentence or command. */
  readonly hint?: string | undefined;
  /** HTTP status of the API's response. */
  readonly status?: number | undefined;
  /** The API's own code, such as `BLUM-401-003`. */
  readonly vendorCode?: string | undefined;
  /** The API's `X-Request-Id`, which Bluum's support asks for. */
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** The only error that commands throw on purpose. Its message and hint are shown to the user unchanged. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly vendorCode: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.status = details.status;
    this.vendorCode = details.vendorCode;
    this.requestId = details.requestId;
  }

  get exitCode(): number {
    return ERROR_CODES[this.code];
  }

  /** The same error with another message or hint. */
  with({ message = this.message, ...details }: ErrorDetails & { readonly message?: string }): AppError {
    const { hint, status, vendorCode, requestId, cause } = this;
    return new AppError(this.code, message, { hint, status, vendorCode, requestId, cause, ...details });
  }

  /** The form that `--json` prints on stderr. Causes are left out, because they may quote text from a peer. */
  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.vendorCode === undefined ? {} : { vendorCode: this.vendorCode }),
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
    };
  }
}

/** The user or the system asked the program to stop. The exit code follows shells: 128 + signal number. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signalName: string;
  readonly exitCode: number;

  constructor(signalName: string, exitCode: number) {
    super(`interrupted by ${signalName}`);
    this.signalName = signalName;
    this.exitCode = exitCode;
  }
}

/**
 * Warnings of commands that continue: permanent codes, like those of errors. Some codes are both, because what ends
 * one command is only a warning in another. `docs/errors.md` lists the same codes; a test compares the two.
 */
export const WARNING_CODES = [
  "app_certificate",
  "app_redirects",
  "change_unproven",
  "clock_doubted",
  "config_damaged",
  "creation_awaited",
  "description_kept",
  "events_unknown",
  "insecure_url",
  "left_out",
  "log_damaged",
  "log_expired",
  "log_rewound",
  "market_closed",
  "missing_event",
  "out_of_order",
  "output_dropped",
  "promoted_away",
  "proxy_ignored",
  "recovered",
  "restore_pending",
  "same_name",
  "scheme_unknown",
  "secret_form",
  "secret_unknown",
  "shared_data_id",
  "signatures_refused",
  "slow_answer",
  "still_missing",
  "store_unavailable",
  "takeover_failed",
  "tunnel_before",
  "unknown_event",
  "unverified_quota",
  "url_not_followed",
  "url_untested",
  "webhook_changed",
  "webhook_gone",
  "webhook_outside",
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

/** What the user needs to know while a command continues. */
export interface Warning<Code = WarningCode> {
  readonly code: Code;
  readonly message: string;
  /** What the user can do next, as one sentence or command. */
  readonly hint?: string | undefined;
}
