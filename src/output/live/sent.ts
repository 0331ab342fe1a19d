import type { ExchangeOutcome } from "../../core/exchange.ts";
import type { SignatureVariant } from "../../core/event-request.ts";
import type { JsonText } from "../../core/json-text.ts";
import type { Scheme } from "../../core/signature.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint } from "../color.ts";
import { maskUrl } from "../privacy/mask.ts";
import { duration, fit, pad } from "../text.ts";

/** An event that this program sent to an endpoint, and the result. */
export interface SentEvent {
  readonly event: string;
  readonly resourceId: string | null;
  readonly payload: JsonText;
  readonly url: string;
  readonly variant: SignatureVariant;
  readonly scheme: Scheme;
  /** 1 for the first time that this delivery was sent. */
  readonly copy: number;
  readonly outcome: ExchangeOutcome;
  /** Whether the response is as expected. */
  readonly isRight: boolean;
}

/** The JSON record: what was sent, and `status` or `error`. */
export function sentRecord(sent: SentEvent): Record<string, unknown> {
  const { event, resourceId, url, variant, scheme, copy, outcome, isRight, payload } = sent;
  return {
    type: "sent",
    at: new Date(outcome.startedAt).toISOString(),
    event,
    resourceId,
    url: maskUrl(url),
    signature: variant,
    scheme: variant === "unsigned" ? null : scheme,
    copy,
    ...(outcome.kind === "answered" ? { status: outcome.status } : { error: outcome.message }),
    durationMs: outcome.durationMs,
    ok: isRight,
    payload,
  };
}

/** One line: `order.filled  ord_x…  stale  ✓ 401  3 ms`. */
export function sentLine(sent: SentEvent, style: { readonly color: boolean; readonly width?: number }): string {
  const paint = createPaint(style.color);
  const { outcome, isRight } = sent;
  const mark = isRight ? paint("good", "✓") : paint("bad", "✗");
  const answer = outcome.kind === "answered" ? String(outcome.status) : clean(outcome.message);
  const variant = [sent.variant === "signed" ? "" : sent.variant, sent.copy > 1 ? "again" : ""]
    .filter(Boolean)
    .join(" ");
  const remark = variant === "" ? "" : `${paint("warn", variant)}  `;
  const resource = style.width === undefined ? (sent.resourceId ?? "-") : fit(sent.resourceId ?? "-", RESOURCE_COLUMNS);
  return `${pad(clean(sent.event), EVENT_COLUMNS)}  ${clean(resource)}  ${remark}${mark} ${answer}  ${duration(outcome.durationMs)}\n`;
}

const EVENT_COLUMNS = 22;
const RESOURCE_COLUMNS = 14;
