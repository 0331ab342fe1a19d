import type { LogEntry } from "../../emulator/log.ts";
import { clean } from "../../output/privacy/clean.ts";
import type { Terminal } from "./terminal.ts";

/**
 * A log entry as one line without its line break. Headers and payload are left out, because they may contain secrets.
 */
export function logLine(entry: LogEntry): string {
  const time = new Date(entry.at).toTimeString().slice(0, 8);
  return `${time}  ${clean(words(entry))}`;
}

function words(entry: LogEntry): string {
  switch (entry.type) {
    case "request":
      return `${entry.method} ${entry.path}  ${entry.status}  ${entry.requestId}`;
    case "attempt": {
      const answer = entry.status === null ? (entry.error ?? "no answer") : String(entry.status);
      return `${entry.event} → ${entry.url}  attempt ${entry.attempt}  ${answer}  ${entry.deliveryId}`;
    }
    case "dead-letter":
      return `${entry.event} → ${entry.url}  dead letter  ${entry.deliveryId}`;
    case "outside":
      return `${entry.webhookId} delivers to ${entry.url}, which is not this machine`;
    case "fault":
      return `fault in the emulator: ${entry.message}`;
    default:
      return entry satisfies never;
  }
}

/** Warns of a webhook that sends an emulator's events to another host: any client may have registered it. */
export function warnOfOutside(entry: LogEntry, { warn }: Pick<Terminal, "warn">): void {
  if (entry.type !== "outside") return;
  warn({
    code: "webhook_outside",
    message: `webhook ${entry.webhookId} of the emulator delivers to ${entry.url}, which is not this machine`,
    hint: "If you did not register it, stop the emulator: this deletes its webhooks.",
  });
}

/** The same as a record for `--json`. */
export function logRecord({ at, type, ...entry }: LogEntry): Record<string, unknown> {
  return { type, at: new Date(at).toISOString(), ...entry };
}
