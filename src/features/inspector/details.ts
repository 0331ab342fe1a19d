import { BAD_VERDICTS, type StoredDelivery } from "../../core/delivery.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import { diagnose } from "../../core/signature-diagnosis.ts";
import { findSignatures, verify } from "../../core/signature.ts";
import type { Attempt, BodyContent, Detail, Row, Verification } from "../../inspector/contract.ts";
import { maskHeaders } from "../../output/export/document.ts";
import { maskUrl } from "../../output/privacy/mask.ts";
import { exactText } from "../../output/reports/body-view.ts";
import { decodeBody } from "../../output/reports/decode.ts";

/**
 * Secrets that may have signed a delivery, and their environment: secrets of another environment would be misleading.
 */
export interface KnownSecrets {
  readonly environment: string;
  readonly secrets: readonly string[];
}

/** How much of a body is part of a page; the whole body is a download. */
const MAX_SHOWN_BYTES = 256 * 1024;

/** A whole delivery, with secrets masked as in `events show`. */
export async function detailOf(
  row: Row,
  delivery: StoredDelivery,
  attempts: readonly ForwardAttempt[],
  known: KnownSecrets,
): Promise<Detail> {
  const { payload, cutFrom } = delivery;
  return {
    row,
    method: delivery.method,
    path: maskUrl(delivery.path),
    headers: maskHeaders(delivery.headers),
    ...(await shownBody(delivery.body, delivery.headers)),
    bodyBytes: cutFrom ?? delivery.body.length,
    notJson: payload.kind === "json" ? null : payload.reason,
    keptBytes: cutFrom === undefined ? null : delivery.body.length,
    verification: verificationOf(delivery, known),
    reasons: reasonsOf(delivery, known),
    attempts: await Promise.all(attempts.map((attempt, index) => attemptOf(attempt, index + 1))),
  };
}

export async function attemptOf({ cause, url, outcome, sent }: ForwardAttempt, n: number): Promise<Attempt> {
  const { startedAt, durationMs } = outcome;
  const body = sent === undefined ? null : contentOf(sent.subarray(0, MAX_SHOWN_BYTES), sent.length > MAX_SHOWN_BYTES);
  const base = { n, cause, url: maskUrl(url), sent: body, startedAt, durationMs };
  if (outcome.kind === "failed") {
    const { reason, message } = outcome;
    const nothing = { headers: [], body: null, decodedFrom: null, bodyBytes: 0, truncated: false };
    return { ...base, status: null, error: { reason, message }, ...nothing };
  }
  const { truncated, ...answer } = await shownBody(outcome.body, outcome.headers);
  return {
    ...base,
    status: outcome.status,
    error: null,
    headers: maskHeaders(outcome.headers),
    ...answer,
    bodyBytes: outcome.bodyBytes,
    truncated: truncated || outcome.bodyBytes > outcome.body.length,
  };
}

async function shownBody(
  body: Buffer,
  headers: StoredDelivery["headers"],
): Promise<Pick<Detail, "body" | "decodedFrom" | "truncated">> {
  const { bytes, codings, problem } = await decodeBody(body, headers);
  const shown = bytes.subarray(0, MAX_SHOWN_BYTES);
  return {
    body: contentOf(shown, shown.length < bytes.length),
    decodedFrom: codings.length === 0 ? null : codings.join(", "),
    truncated: shown.length < bytes.length || (codings.length > 0 && problem !== undefined),
  };
}

/** A body that was cut within a character ends with at most this many bytes of it. */
const PARTIAL_BYTES = 3;

function contentOf(bytes: Buffer, isCut: boolean): BodyContent {
  for (let cut = 0; cut <= (isCut ? PARTIAL_BYTES : 0); cut += 1) {
    const text = exactText(cut === 0 ? bytes : bytes.subarray(0, -cut));
    if (text !== undefined) return { text };
  }
  return { base64: bytes.toString("base64") };
}

export function verificationOf(delivery: StoredDelivery, { environment, secrets }: KnownSecrets): Verification {
  const { verdict, scheme, header } = delivery.verification;
  const found = findSignatures(delivery.headers, header).find((each) => scheme === undefined || each.scheme === scheme);
  const isKnown = environment === delivery.environment && (verdict === "verified" || verdict === "stale");
  const { headers, body, receivedAt: now } = delivery;
  const index = isKnown
    ? secrets.findIndex((secret) => verify({ headers, body, now, secrets: [secret] }).verdict === verdict)
    : -1;
  return {
    verdict,
    scheme: scheme ?? found?.scheme ?? null,
    header: header ?? null,
    signedAt: found?.signedAt ?? null,
    secretHint: index === -1 ? null : `secret ${index + 1} of ${secrets.length}`,
  };
}

/** Why the signature is invalid, as `verify` reports it. */
function reasonsOf(delivery: StoredDelivery, { environment, secrets }: KnownSecrets): readonly string[] {
  const { headers, body, receivedAt, verification } = delivery;
  const isKnown = environment === delivery.environment && secrets.length > 0;
  if (!BAD_VERDICTS.includes(verification.verdict) || (verification.verdict === "mismatch" && !isKnown)) return [];
  return diagnose({ headers, body, secrets, now: receivedAt }, verification);
}
