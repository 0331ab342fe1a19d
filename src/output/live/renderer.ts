import { recordLine } from "../export/fact-record.ts";
import { type RendererOptions, type Renderer, shownSecret, type Sink } from "./sink.ts";
import { isHungUp, type Answer, type StoredDelivery } from "../../core/delivery.ts";
import type { Fact } from "../../core/facts.ts";
import { isAccepted } from "../../core/exchange.ts";
import { outcomeWords } from "./app-answer.ts";
import { createPaint } from "../color.ts";
import { remarkOf } from "./conversation.ts";
import { answerDetails, deliveryDetails } from "../reports/details.ts";
import {
  deliveryLine,
  forwardLine,
  lateAnswerLine,
  noteLine,
  summarized,
  type LineStyle,
  type Summarized,
} from "./lines.ts";

/** Prints facts as they are published: deliveries to stdout, because they are data, and messages to stderr. */
export function createRenderer(options: RendererOptions): Renderer {
  if (!options.json) return createHumanRenderer(options);
  return { fact: (fact) => options.stdout.write(recordLine(fact), shownSecret(fact)), close: () => {} };
}

/** How long a delivery's line waits for its answer, before it is shown without one. */
const HOLD_MS = 100;
/** How long a pending delivery is shown below the others, and how many: Bluum itself times out after 30 s. */
const SHOWN_MS = 60_000;
const MAX_SHOWN = 100;

type Forwarded = Extract<Fact, { type: "forward" }>;

/** A delivery that has not been answered yet. */
interface Unanswered {
  readonly delivery: Summarized;
  /** With `--verbose`, the whole delivery as text. */
  readonly details: string;
  readonly since: number;
  /** The app's response, if the sender waits for it. */
  forward?: Forwarded;
}

/** A delivery whose line was printed, with the fields that another line needs. */
interface Printed extends Pick<StoredDelivery, "event" | "resourceId"> {
  forward?: Forwarded;
}

/**
 * Prints facts as lines of text: one line for each delivery, once it is answered. On a terminal a pending one is
 * shown below the others meanwhile. Elsewhere nothing is redrawn: a pending delivery gets a line, and its answer
 * another one.
 */
function createHumanRenderer(options: RendererOptions): Renderer {
  const { stdout, stderr, clock, verbose } = options;
  const paint = createPaint(options.color);
  // A stdout that is not a terminal is only coloured when that is forced, and then so is stderr.
  const paintAside = createPaint(options.color && (stderr.isTTY || !stdout.isTTY));
  const style = (): LineStyle => ({ columns: columnsOf(stdout), paint });
  const isRedrawing = stdout.isTTY && stdout.status !== undefined;

  // In order of arrival: not shown yet, shown below the others, printed without an answer.
  const held = new Map<string, Unanswered>();
  const shown = new Map<string, Unanswered>();
  const printed = new Map<string, Printed>();
  let isClosed = false;
  let hasBeenReady = false;
  let isWebhookNew = false;

  /** Calls back for each entry that has waited this long. */
  function sweeper(waiting: Map<string, Unanswered>, ms: number, onDue: (next: Unanswered) => void): () => void {
    let isSweeping = false;
    const sweep = async () => {
      isSweeping = true;
      for (let [next] = waiting.values(); next !== undefined; [next] = waiting.values()) {
        const waitMs = next.since + ms - clock.now();
        if (waitMs <= 0) onDue(next);
        else await clock.sleep(waitMs);
      }
      isSweeping = false;
    };
    return () => {
      if (!isSweeping) void sweep();
    };
  }
  const sweepShown = sweeper(shown, SHOWN_MS, (next) => print(next, undefined));
  const sweepHeld = sweeper(held, HOLD_MS, (next) => (isRedrawing ? show(next) : print(next, undefined)));

  function show({ delivery, ...waiting }: Unanswered): void {
    held.delete(delivery.id);
    // A delivery read from the history may never be answered.
    shown.set(delivery.id, { ...waiting, delivery, since: delivery.receivedAt });
    const [oldest] = shown.values();
    if (shown.size > MAX_SHOWN && oldest !== undefined) print(oldest, undefined);
    sweepShown();
    redraw();
  }

  function redraw(): void {
    if (!isRedrawing) return;
    const [oldest] = shown.values();
    if (oldest === undefined) return stdout.status?.("");
    // The last column stays free: some terminals break the line when it is filled.
    const columns = (columnsOf(stdout) ?? 80) - 1;
    stdout.status?.(deliveryLine(oldest.delivery, undefined, { columns, paint }, shown.size - 1));
  }

  function print({ delivery, details, forward }: Unanswered, answer: Answer | undefined): void {
    const wasShown = shown.delete(delivery.id);
    held.delete(delivery.id);
    if (answer === undefined) {
      const { event, resourceId } = delivery;
      printed.set(delivery.id, { event, resourceId, ...(forward === undefined ? {} : { forward }) });
    }
    stdout.write(
      [
        `${deliveryLine(delivery, answer, style())}\n`,
        details,
        answer === undefined ? "" : notesOf(forward, answer),
      ].join(""),
    );
    if (wasShown) redraw();
  }

  /**
   * Lines below a delivery: why the app failed, and with `--verbose` its whole response. A success is included if the
   * delivery's line does not show it.
   */
  function notesOf(forward: Forwarded | undefined, answer?: Answer): string {
    if (forward === undefined) return "";
    const { outcome } = forward;
    const details = verbose && outcome.kind === "answered" ? answerDetails(outcome, paint) : "";
    const isHangUp = answer !== undefined && isHungUp(answer);
    if (isAccepted(outcome) && !isHangUp) return details;
    const shownStatus = answer === undefined ? forward.status : isHangUp ? undefined : answer.status;
    return `${noteLine(`app: ${outcomeWords(forward, shownStatus)}`, isAccepted(outcome) ? "plain" : "bad", style())}\n${details}`;
  }

  function answered(fact: Extract<Fact, { type: "answer" }>): void {
    const waiting = held.get(fact.deliveryId) ?? shown.get(fact.deliveryId);
    if (waiting !== undefined) return print(waiting, fact);
    const before = printed.get(fact.deliveryId);
    if (!printed.delete(fact.deliveryId) || before === undefined) return;
    stdout.write(`${lateAnswerLine(before, fact, style())}\n${notesOf(before.forward, fact)}`);
  }

  /**
   * If the sender waits for the app, the app's response is shown with the sender's answer; otherwise on its own line.
   */
  function forwarded(fact: Forwarded): void {
    const { cause, deliveryId } = fact;
    const unanswered = held.get(deliveryId) ?? shown.get(deliveryId) ?? printed.get(deliveryId);
    if (cause === "live" && unanswered !== undefined) {
      unanswered.forward = fact;
      return;
    }
    stdout.write(`${forwardLine(fact, style())}\n${notesOf(fact)}`);
  }

  return {
    fact(fact) {
      switch (fact.type) {
        case "delivery": {
          const { delivery } = fact;
          const details = verbose ? deliveryDetails(delivery, paint) : "";
          const waiting: Unanswered = { delivery: summarized(delivery), details, since: clock.now() };
          if (isClosed) return print(waiting, undefined);
          held.set(delivery.id, waiting);
          return sweepHeld();
        }
        case "answer":
          return answered(fact);
        case "forward":
          return forwarded(fact);
        case "listening":
        case "tunnel":
        case "registered":
        case "ready":
        case "health":
        case "restored":
        case "refused":
        case "pruned":
        case "stopped":
        case "team":
        case "warning": {
          hasBeenReady ||= fact.type === "ready";
          isWebhookNew ||= fact.type === "registered" && fact.action === "created";
          // A session that never became ready has no summary; the error explains its end.
          if (fact.type === "stopped" && !hasBeenReady) return;
          const remark = remarkOf(fact, paintAside, { width: columnsOf(stderr) ?? undefined, isWebhookNew });
          if (remark.isImportant || !options.quiet) stderr.write(remark.text, shownSecret(fact));
          return;
        }
        default:
          fact satisfies never;
      }
    },
    close() {
      isClosed = true;
      for (const waiting of [...shown.values(), ...held.values()]) print(waiting, undefined);
    },
  };
}

/** Some pseudo-terminals report zero columns. */
function columnsOf(sink: Sink): number | null {
  return sink.isTTY ? sink.columns || 80 : null;
}
