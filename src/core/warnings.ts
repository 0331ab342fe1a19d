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
  "still_missing",
  "store_unavailable",
  "tunnel_before",
  "unknown_event",
  "unverified_quota",
  "url_not_followed",
  "webhook_changed",
  "webhook_gone",
  "webhook_outside",
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];
