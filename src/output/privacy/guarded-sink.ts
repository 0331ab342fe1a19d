import { TERMINAL_SEQUENCES } from "./clean.ts";
import { maskUrls } from "./mask.ts";
import type { Sink } from "../live/sink.ts";
import type { Secrets } from "./mask-secrets.ts";

export interface GuardedSink extends Sink {
  /** Writes the held text. */
  flush(): void;
}

/**
 * The only way to a terminal or a pipe. It removes secrets from all output of a command, and every control character
 * except line breaks, tabs and this program's colours, so that commands need not do it. Text that may be the
 * beginning of a secret is held until more is written. A conversation is not data: its URLs lose the values of their
 * secret parameters too.
 */
export function guardSink(sink: Sink, secrets: Secrets, { isConversation = false } = {}): GuardedSink {
  let held = "";
  const safe = (text: string) => (isConversation ? maskUrls(safeText(text)) : safeText(text));
  const flush = () => {
    const text = held;
    held = "";
    if (text !== "") sink.write(text);
  };
  return {
    write(text, shown) {
      // In this order: removed characters may be in the middle of a secret.
      const masked = secrets.mask(safe(held + text), shown);
      const end = shown === undefined ? secrets.startOfPartial(masked) : masked.length;
      held = masked.slice(end);
      if (end > 0) sink.write(masked.slice(0, end));
    },
    erase(what) {
      flush();
      sink.erase?.(what);
    },
    ...(sink.status === undefined ? {} : { status: (text: string) => sink.status?.(secrets.mask(safe(text))) }),
    hurry() {
      flush();
      sink.hurry?.();
    },
    ...(sink.backlog === undefined ? {} : { backlog: sink.backlog }),
    flush,
    get isTTY() {
      return sink.isTTY;
    },
    get columns() {
      return sink.columns;
    },
  };
}

const HARMLESS = /^[\n\t\x20-\x7e]*$/;

// The codes that `createPaint` writes, and terminal sequences, which are removed completely.
const OWN_COLOR = String.raw`\x1b\[(?:0|1|2|22|31|32|33|36|39)m`;
const CONTROLS = new RegExp(
  String.raw`(${OWN_COLOR})|${TERMINAL_SEQUENCES}|[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]`,
  "g",
);

/** Removes what a terminal interprets. Characters that are only invisible stay: in JSON they are data. */
export function safeText(text: string): string {
  return HARMLESS.test(text) ? text : text.replace(CONTROLS, (_, color: string | undefined) => color ?? "");
}
