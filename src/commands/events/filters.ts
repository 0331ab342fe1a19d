import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { BAD_VERDICTS, VERDICTS, type Verdict } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import type { DeliveryFilter } from "../../store/store.ts";
import { eventList, positiveInteger, resourceText, textList } from "../shared/parse.ts";
import { since, until } from "../shared/parse-time.ts";
import { warnOfUnseenEvents } from "../shared/warnings.ts";
import type { Workspace } from "../shared/workspace.ts";

/** Flags that select deliveries, the same for every command. A delivery must match all of them. */
export interface FilterFlags {
  /** Unix milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly event?: readonly string[];
  readonly resource?: string;
  readonly status?: "ok" | "failed";
  readonly signature?: "bad" | Verdict;
  readonly duplicates?: boolean;
  readonly search?: readonly string[];
  readonly limit?: number;
}

export type EventFlags = GlobalFlags & FilterFlags;

const FILTER_NAMES = [
  "since",
  "until",
  "event",
  "resource",
  "status",
  "signature",
  "duplicates",
  "search",
  "limit",
] as const;
type FilterName = (typeof FILTER_NAMES)[number];

/** Adds the flags to a command, except those that do not apply to it. */
export function addFilters(command: Command, { clock }: Context, without: readonly FilterName[] = []): Command {
  const now = clock.now();
  const options: Record<FilterName, Option> = {
    since: new Option(
      "--since <when>",
      "received at or after this time: 10m, or 2026-06-01T08:00 (local time, or with Z or +02:00)",
    ).argParser(since(now)),
    until: new Option("--until <when>", "received before this time, in the same formats").argParser(until(now)),
    event: new Option("--event <names>", "filter by event names or patterns, comma-separated").argParser(eventList),
    resource: new Option("--resource <id>", "filter by the ID of an order, transfer, account or document").argParser(
      resourceText,
    ),
    status: new Option("--status <how>", "filter by result: ok (2xx) or failed").choices(["ok", "failed"]),
    signature: new Option("--signature <verdict>", "filter by verdict; bad means mismatch, stale or unsigned").choices([
      "bad",
      ...VERDICTS,
    ]),
    duplicates: new Option("--duplicates", "only retries and duplicates"),
    search: new Option("--search <text>", "only payloads with this text, in any case; repeatable").argParser(textList),
    limit: new Option("--limit <n>", "maximum number of deliveries, newest first").argParser(positiveInteger),
  };
  for (const name of FILTER_NAMES) if (!without.includes(name)) command.addOption(options[name]);
  return command;
}

/** The filter, with a warning for every event name that is neither documented nor in the store. */
export async function filterIn(
  workspace: Pick<Workspace, "storeReader" | "warn">,
  flags: EventFlags,
): Promise<DeliveryFilter> {
  const filter = filterOf(flags);
  if (flags.event !== undefined) await warnOfUnseenEvents(flags.event, await workspace.storeReader(), workspace);
  return filter;
}

/** The filter that the flags select. `--env` filters too; the default environment does not. */
function filterOf(flags: EventFlags): DeliveryFilter {
  const { signature } = flags;
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new AppError("invalid_usage", "--since must be earlier than --until", {
      hint: "Swap the two times, such as --since 2h --until 1h.",
    });
  }
  return {
    environment: flags.env,
    sinceMs: flags.since,
    untilMs: flags.until,
    events: flags.event,
    resourceId: flags.resource,
    outcome: flags.status,
    verdicts: signature === undefined ? undefined : signature === "bad" ? BAD_VERDICTS : [signature],
    isRepeated: flags.duplicates === true ? true : undefined,
    contains: flags.search,
    limit: flags.limit,
  };
}

/** The message if nothing matches the flags. */
export function nothingFound(flags: EventFlags): string {
  const { limit: _limit, ...conditions } = filterOf(flags);
  return Object.values(conditions).every((condition) => condition === undefined)
    ? "No deliveries yet. Receive some with: bluum-hooks listen"
    : "No delivery matches.";
}
