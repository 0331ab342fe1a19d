import type { Settings } from "../../config/settings.ts";
import { BAD_VERDICTS } from "../../core/delivery.ts";
import type { ForwardAttempt } from "../../core/exchange.ts";
import { localTime } from "../../core/local-time.ts";
import { readEvent } from "../../core/payload-form.ts";
import { diagnose } from "../../core/signature-diagnosis.ts";
import { attemptsText, headerLines } from "../../output/reports/details.ts";
import { readableBody } from "../../output/reports/body-view.ts";
import { clean, cleanBlock } from "../../output/privacy/clean.ts";
import { createPaint, type Paint } from "../../output/color.ts";
import { decodeBody } from "../../output/reports/decode.ts";
import { answerWords, repeatText } from "../../output/live/lines.ts";
import { maskUrl } from "../../output/privacy/mask.ts";
import { fields } from "../../output/reports/table.ts";
import { duration } from "../../output/text.ts";
import type { StoredDelivery } from "../../store/store.ts";

/** A whole delivery: its properties, headers and payload, and every attempt to forward it with the app's response. */
export async function wholeDeliveryText(
  delivery: StoredDelivery,
  attempts: readonly ForwardAttempt[],
  { settings, color }: { readonly settings: Settings; readonly color: boolean },
): Promise<string> {
  const paint = createPaint(color);
  const blocks = [
    fields(factsOf(delivery, attempts, whyBad(delivery, settings)), { color }),
    await requestText(delivery, paint),
    ...(attempts.length === 0 ? [] : [await attemptsText(attempts, paint)]),
  ];
  return blocks.join("\n");
}

/** Why the signature is invalid, as `verify` reports it. Secrets of another environment would be misleading. */
function whyBad(delivery: StoredDelivery, { environment, webhookSecrets }: Settings): readonly string[] {
  const { headers, body, receivedAt, verification } = delivery;
  const isKnown = environment === delivery.environment && webhookSecrets.length > 0;
  if (!BAD_VERDICTS.includes(verification.verdict) || (verification.verdict === "mismatch" && !isKnown)) return [];
  return diagnose({ headers, body, secrets: webhookSecrets, now: receivedAt }, verification);
}

function factsOf(
  delivery: StoredDelivery,
  attempts: readonly ForwardAttempt[],
  why: readonly string[],
): [label: string, value: string][] {
  const { verification, recurrence, answer } = delivery;
  const last = attempts.at(-1)?.outcome;
  const tries = attempts.length === 1 ? "" : `, at attempt ${attempts.length}`;
  return [
    ["id", delivery.id],
    ["received", localTime(delivery.receivedAt)],
    ["environment", delivery.environment],
    ["event", delivery.event ?? "-"],
    ["resource", delivery.resourceId ?? "-"],
    ["read from", formWords(delivery)],
    ["signature", [verification.verdict, verification.scheme, verification.header].filter(Boolean).join(" · ")],
    ...why.map((finding): [string, string] => ["", finding]),
    [
      "repeat",
      recurrence.duplicateOf === undefined
        ? "first delivery"
        : `${repeatText(recurrence)} of ${recurrence.duplicateOf}`,
    ],
    ["answer", answer === undefined ? "none" : answerWords(answer)],
    ...(last === undefined
      ? []
      : [
          [
            "app",
            `${last.kind === "answered" ? last.status : `no answer (${last.reason})`} after ${duration(last.durationMs)}${tries}`,
          ] satisfies [string, string],
        ]),
  ];
}

/** The payload's form: the fields in which the event's name, resource and time were found. */
function formWords({ payload }: StoredDelivery): string {
  if (payload.kind !== "json") return "-";
  const { name, resource, time } = readEvent(payload.value);
  return [name, resource, time].flatMap((field) => field?.path ?? []).join(" · ") || "-";
}

async function requestText(delivery: StoredDelivery, paint: Paint): Promise<string> {
  const { bytes, codings, problem } = await decodeBody(delivery.body, delivery.headers);
  const { payload } = delivery;
  // The reason refers to the bytes as received.
  const remarks = [
    ...(payload.kind === "not-json" ? [payload.reason] : []),
    ...codings.map((coding) => `${coding}, decoded below`),
    ...(problem === undefined ? [] : [problem]),
  ];
  const lines = [
    paint("strong", `${clean(delivery.method)} ${clean(maskUrl(delivery.path))}`),
    ...headerLines(delivery.headers, paint),
    "",
    ...remarks.map((remark) => paint("warn", `(${clean(remark)})`)),
    ...(bytes.length === 0 ? [] : [cleanBlock(readableBody(bytes))]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
