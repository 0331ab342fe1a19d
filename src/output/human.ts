import type { Answer, RecordedDelivery } from "../core/delivery.ts";
import type { Fact } from "../core/facts.ts";
import { createPaint } from "./color.ts";
import { remarkOf } from "./conversation.ts";
import { deliveryDetails } from "./details.ts";
import { deliveryLine, forwardLine, forwardNote, lateAnswerLine, type LineStyle } from "./lines.ts";
import type { Renderer, RendererOptions, Sink } from "./renderer.ts";

/** How long a delivery's line waits for its answer, so that both stand on one line. */
const HOLD_MS = 100;

interface Held {
  readonly delivery: RecordedDelivery;
  readonly dueAt: number;
  /** Said below the delivery's line. */
  readonly notes: string[];
}

/** Facts as lines for people. Nothing is ever redrawn, so that a pipe and a terminal read the same. */
export function createHumanRenderer(options: RendererOptions): Renderer {
  const { stdout, stderr, clock } = options;
  const paint = createPaint(options.color);
  // A stdout without a terminal is only coloured when that is forced, and then so is stderr.
  const paintAside = createPaint(options.color && (stderr.isTTY || !stdout.isTTY));
  const style = (): LineStyle => ({ columns: columnsOf(stdout), paint });

  const held = new Map<string, Held>();
  const pending = new Map<string, Pick<RecordedDelivery, "event" | "resourceId">>();
  let isSweeping = false;
  let isClosed = false;
  let hasBeenReady = false;

  function print({ delivery, notes }: Held, answer: Answer | undefined): void {
    held.delete(delivery.id);
    if (answer === undefined) pending.set(delivery.id, { event: delivery.event, resourceId: delivery.resourceId });
    const details = options.verbose ? deliveryDetails(delivery, paint) : "";
    stdout.write([`${deliveryLine(delivery, answer, style())}\n`, ...notes, details].join(""));
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

  function answered({ at, deliveryId, status, durationMs }: Extract<Fact, { type: "answer" }>): void {
    const waiting = held.get(deliveryId);
    if (waiting !== undefined) return print(waiting, { status, durationMs });
    const shown = pending.get(deliveryId);
    if (!pending.delete(deliveryId) || shown === undefined) return;
    stdout.write(`${lateAnswerLine(shown, { at, status, durationMs }, style())}\n`);
  }

  /** While the sender waits for the app, the app's answer is told as the sender's; whatever differs is told by itself. */
  function forwarded(fact: Extract<Fact, { type: "forward" }>): void {
    const waiting = held.get(fact.deliveryId);
    if (waiting === undefined && !pending.has(fact.deliveryId)) {
      stdout.write(`${forwardLine(fact, style())}\n`);
      return;
    }
    if (fact.status !== undefined) return;
    const line = `${forwardNote(fact, style())}\n`;
    if (waiting === undefined) stdout.write(line);
    else waiting.notes.push(line);
  }

  return {
    fact(fact) {
      switch (fact.type) {
        case "delivery": {
          const line = { delivery: fact.delivery, dueAt: clock.now() + HOLD_MS, notes: [] };
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
        case "stopped":
        case "warning": {
          hasBeenReady ||= fact.type === "ready";
          // A session that never began has no summary to give: the error that ended it says it all.
          if (fact.type === "stopped" && !hasBeenReady) return;
          const remark = remarkOf(fact, paintAside, columnsOf(stderr) ?? undefined);
          if (remark.isImportant || !options.quiet) stderr.write(remark.text);
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
