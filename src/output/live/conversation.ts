import type { Fact, Summary } from "../../core/facts.ts";
import { localTime, zoneName } from "../../core/local-time.ts";
import { clean } from "../privacy/clean.ts";
import { createPaint, type Paint, type Tone } from "../color.ts";
import { nextStep } from "./error.ts";
import { duration, pad, recurrenceCounts, wrap } from "../text.ts";
import { teamRole, teamText } from "./team-lines.ts";

type SessionFact = Exclude<Fact, { type: "delivery" | "answer" | "forward" }>;

export interface Remark {
  /** One or more lines, with the last line break. */
  readonly text: string;
  /** Printed even with `--quiet`: a problem, or requested output. */
  readonly isImportant: boolean;
}

interface RemarkContext {
  readonly width?: number | undefined;
  /** Whether the session has created its webhook, so that there is nothing to restore. */
  readonly isWebhookNew?: boolean;
}

/** A session's own facts as text. All text from outside is cleaned. */
export function remarkOf(fact: SessionFact, paint: Paint, { width, isWebhookNew = false }: RemarkContext = {}): Remark {
  const line = (mark: string, text: string) =>
    `${mark} ${width === undefined ? text : wrap(text, width - 2).join("\n  ")}\n`;
  const note = (text: string) => ({ text: line(paint("dim", "·"), text), isImportant: false });
  const good = (text: string) => ({ text: line(paint("good", "✓"), text), isImportant: false });
  const alarm = (text: string, hint?: string, tone: Tone = "warn") => {
    const next = hint === undefined ? "" : `  ${nextStep(paint("dim", "next:"), hint, width)}\n`;
    return { text: `${line(paint(tone, "!"), text)}${next}`, isImportant: true };
  };
  switch (fact.type) {
    case "listening":
      return note(`listening on ${clean(fact.url)}`);
    case "tunnel": {
      const text = `tunnel ${fact.state}${fact.url === null ? "" : ` ${clean(fact.url)}`}`;
      if (fact.state === "lost") return alarm(text);
      return fact.state === "connected" ? good(text) : note(text);
    }
    case "registered": {
      const remark = good(`webhook ${clean(fact.webhookId)} ${REGISTERED[fact.action]}`);
      if (fact.secret === undefined) return remark;
      return { text: `${remark.text}  secret ${clean(fact.secret)}\n`, isImportant: true };
    }
    case "ready":
      return { text: banner(fact, paint, { isTTY: width !== undefined, isWebhookNew }), isImportant: false };
    case "health":
      return fact.state === "up"
        ? good(`${clean(fact.url)} is reachable`)
        : alarm(`${clean(fact.url)} is not reachable`, fact.remedy, "bad");
    case "restored": {
      // An emulator loses its webhooks when it ends.
      const isReused = fact.action === "deactivated" && fact.environment !== "emulator";
      const next = isReused ? "; the next listen uses it again" : "";
      const text = `webhook ${clean(fact.webhookId)} ${RESTORED[fact.action]}${next}`;
      return fact.action === "not-ours" || fact.action === "gone" ? alarm(text) : good(text);
    }
    case "pruned": {
      const count = `${fact.deleted} ${fact.deleted === 1 ? "delivery" : "deliveries"}`;
      return note(
        `deleted ${count} received before ${localTime(Date.parse(fact.before))} (retention; see bluum-hooks config list)`,
      );
    }
    case "team": {
      const isAlarm = fact.state === "offline" || fact.state === "unshipped";
      const text = teamText(fact);
      return isAlarm ? alarm(text) : ["owner", "left", "caught_up"].includes(fact.state) ? good(text) : note(text);
    }
    case "stopped":
      return { text: farewell(fact.reason, fact.summary, paint), isImportant: false };
    case "refused":
    case "warning": {
      const { message, hint, count = 1 } = fact;
      const text = count === 1 ? clean(message) : `${clean(message)} (${count} so far)`;
      // Only a request that may be a delivery needs the user's attention.
      if (fact.type === "refused" && hint === undefined) return note(text);
      return alarm(text, count === 1 ? hint : undefined);
    }
    default:
      return fact satisfies never;
  }
}

const REGISTERED = {
  created: "created",
  patched: "updated",
  none: "is up to date",
} as const;

const RESTORED = {
  restored: "restored",
  deactivated: "deactivated",
  deleted: "deleted",
  kept: "left unchanged",
  "not-ours": "has another URL now and was not restored",
  gone: "no longer exists",
} as const;

function banner(
  fact: Extract<Fact, { type: "ready" }>,
  paint: Paint,
  { isTTY, isWebhookNew }: { readonly isTTY: boolean; readonly isWebhookNew: boolean },
): string {
  // The token grants full access, and output that is not a terminal may be stored.
  const inspector = isTTY ? fact.inspectorUrl : fact.inspectorUrl?.replace(/#.*$/, "");
  const hops = [...new Set([fact.publicUrl, fact.localUrl, ...(fact.forwardUrl === null ? [] : [fact.forwardUrl])])];
  const rows: [label: string, value: string][] = [
    ["environment", paint(fact.environment === "production" ? "bad" : "strong", clean(fact.environment))],
    ["webhook", fact.webhookId === null ? paint("dim", "none registered") : clean(fact.webhookId)],
    ["events", fact.events === null ? paint("dim", "not returned by the API") : fact.events.map(clean).join(", ")],
    ...(fact.team === undefined ? [] : [["team", teamRole(fact.team)] satisfies [string, string]]),
    ["times", zoneName(fact.at)],
    ...hops.map((url, index): [string, string] => [
      index === 0 ? "URL" : "",
      `${index === 0 ? "" : paint("dim", "→ ")}${paint(index === 0 ? "accent" : "plain", clean(url))}`,
    ]),
    ...(inspector === undefined ? [] : [["inspector", clean(inspector)] satisfies [string, string]]),
  ];
  const lines = rows
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `  ${paint("dim", pad(label, 11))}  ${value}`);
  const isRestored = fact.webhookId !== null && !isWebhookNew && fact.team === undefined;
  const ending = `Press Ctrl-C to stop${isRestored ? " and restore the webhook" : ""}`;
  return `\n  ${paint("good", "●")} ${paint("strong", "Ready for events")}\n\n${lines.join("\n")}\n\n  ${paint("dim", ending)}\n\n`;
}

function farewell(reason: string, summary: Summary, paint: Paint): string {
  return `\n${paint("strong", "Stopped:")} ${clean(REASONS[reason] ?? reason)}\n${counts(summary, paint)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  until: "the awaited events arrived",
  count: "the number of deliveries was reached",
  timed_out: "timed out",
  parent_exited: "the parent process exited",
  SIGINT: "interrupted",
};

/** The summary of a session so far. */
export function summaryText(summary: Summary, style: { readonly color: boolean }): string {
  return `\n${counts(summary, createPaint(style.color))}\n`;
}

function counts(summary: Summary, paint: Paint): string {
  const count = (number: number, words: string, tone: Tone = "warn") =>
    number === 0 ? [] : [paint(tone, `${number} ${words}`)];
  const parts = [
    `${summary.received} received`,
    ...count(summary.received - summary.distinct === 0 ? 0 : summary.distinct, "distinct", "plain"),
    ...recurrenceCounts(summary).map((words) => paint("warn", words)),
    ...count(summary.badSignatures, "with a bad signature", "bad"),
    ...count(summary.forwarded, "forwarded", "plain"),
    ...count(summary.failed, summary.hungUp === 0 ? "failed" : `failed (${summary.hungUp} hung up)`, "bad"),
    ...count(summary.replays, summary.replays === 1 ? "replay" : "replays", "plain"),
    ...count(summary.notStored, "not stored", "bad"),
    ...count(summary.refused, "refused"),
  ];
  const { medianMs, p95Ms } = summary;
  const pace =
    medianMs === null || p95Ms === null
      ? ""
      : `  ${paint("dim", `answered in ${duration(medianMs)} (median), ${duration(p95Ms)} (p95)`)}\n`;
  return `  ${parts.join(" · ")}\n${pace}`;
}
