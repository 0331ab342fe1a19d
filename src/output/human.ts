import { isHungUp, type Answer, type RecordedDelivery } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import { createPaint } from "./color.ts";
import { remarkOf } from "./conversation.ts";
import { deliveryDetails } from "./details.ts";
import { deliveryLine, forwardLine, forwardNote, lateAnswerLine, type LineStyle } from "./lines.ts";
import { shownSecret, type Renderer, type RendererOptions, type Sink } from "./renderer.ts";

/** How long a delivery's line waits for its answer, so that both stand on one line. */
const HOLD_MS = 100;

/** A delivery whose answer is still to come. */
interface Unanswered {
  /** How the app answered it, where the sender waits for that. */
  forward?: Extract<Fact, { type: "forward" }>;
}

/** One whose line waits for the answer too. */
interface Held extends Unanswered {
  readonly delivery: RecordedDelivery;
  readonly dueAt: number;
}

interface Pending extends Unanswered, Pick<RecordedDelivery, "event" | "resourceId"> {}

/** Facts as lines for people. Nothing is ever redrawn, so that a pipe and a terminal read the same. */
export function createHumanRenderer(options: RendererOptions): Renderer {
  const { stdout, stderr, clock } = options;
  const paint = createPaint(options.color);
  // A stdout without a terminal is only coloured when that is forced, and then so is stderr.
  const paintAside = createPaint(options.color && (stderr.isTTY || !stdout.isTTY));
  const style = (): LineStyle => ({ columns: columnsOf(stdout), paint });

  const held = new Map<string, Held>();
  /** Those whose line was printed without an answer. */
  const pending = new Map<string, Pending>();
  let isSweeping = false;
  let isClosed = false;
  let hasBeenReady = false;

  function print({ delivery, forward }: Held, answer: Answer | undefined): void {
    held.delete(delivery.id);
    if (answer === undefined) {
      const { event, resourceId } = delivery;
      pending.set(delivery.id, { event, resourceId, ...(forward === undefined ? {} : { forward }) });
    }
    const details = options.verbose ? deliveryDetails(delivery, paint) : "";
    stdout.write([`${deliveryLine(delivery, answer, style())}\n`, noteOf(forward, answer), details].join(""));
  }

  /** The sender's answer says how the app answered, unless there was none or the sender did not wait for it. */
  function noteOf(forward: Unanswered["forward"], answer: Answer | undefined): string {
    if (forward === undefined || answer === undefined) return "";
    return forward.status !== undefined && !isHungUp(answer) ? "" : `${forwardNote(forward, style())}\n`;
  }

  /** Prints the lines that have waited long enough; the held ones are in the order of their due times. */
  async function sweep(): Promise<void> {
    if (isSweeping) return;
    isSweeping = true;
    for (let [next] = held.values(); next !== undefined; [next] = held.values()) {
      const waitMs = next.dueAt - clock.now();
      if (waitMs <= 0) print(next, undefined);
      else await clock.sleep(waitMs);
    }
    isSweeping = false;
  }

  function answered(fact: Extract<Fact, { type: "answer" }>): void {
    const waiting = held.get(fact.deliveryId);
    if (waiting !== undefined) return print(waiting, fact);
    const shown = pending.get(fact.deliveryId);
    if (!pending.delete(fact.deliveryId) || shown === undefined) return;
    stdout.write(`${lateAnswerLine(shown, fact, style())}\n${noteOf(shown.forward, fact)}`);
  }

  /** While the sender waits for the app, what the app answers is said with the sender's answer; else by itself. */
  function forwarded(fact: Extract<Fact, { type: "forward" }>): void {
    const { cause, deliveryId } = fact;
    const unanswered = cause === "live" ? (held.get(deliveryId) ?? pending.get(deliveryId)) : undefined;
    if (unanswered === undefined) stdout.write(`${forwardLine(fact, style())}\n`);
    else unanswered.forward = fact;
  }

  return {
    fact(fact) {
      switch (fact.type) {
        case "delivery": {
          const line: Held = { delivery: fact.delivery, dueAt: clock.now() + HOLD_MS };
          if (isClosed) return print(line, undefined);
          held.set(fact.delivery.id, line);
          void sweep();
          return;
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
        case "warning": {
          hasBeenReady ||= fact.type === "ready";
          // A session that never began has no summary to give: the error that ended it says it all.
          if (fact.type === "stopped" && !hasBeenReady) return;
          const remark = remarkOf(fact, paintAside, columnsOf(stderr) ?? undefined);
          if (remark.isImportant || !options.quiet) stderr.write(remark.text, shownSecret(fact));
          return;
        }
        default:
          fact satisfies never;
      }
    },
    close() {
      isClosed = true;
      for (const line of held.values()) print(line, undefined);
    },
  };
}

/** Some pseudo-terminals say that they have no columns at all. */
function columnsOf(sink: Sink): number | null {
  return sink.isTTY ? sink.columns || 80 : null;
}
