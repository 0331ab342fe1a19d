import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/flags.ts";
import type { Context } from "../../context.ts";
import { BAD_VERDICTS, VERDICTS, type Verdict } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import type { DeliveryFilter } from "../../store/store.ts";
import { eventList, positiveInteger, resourceText } from "../shared/parse.ts";
import { since, until } from "../shared/parse-time.ts";
import { warnOfUnseenEvents } from "../shared/confirm-unknown-events.ts";
import type { Workspace } from "../shared/workspace.ts";

/** Flags that choose deliveries, alike for every command that looks at several. All of them combine. */
export interface FilterFlags {
  /** Unix milliseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly event?: readonly string[];
  readonly resource?: string;
  readonly status?: "ok" | "failed";
  readonly signature?: "bad" | Verdict;
  readonly duplicates?: boolean;
  readonly limit?: number;
}

const FILTER_NAMES = ["since", "until", "event", "resource", "status", "signature", "duplicates", "limit"] as const;
type FilterName = (typeof FILTER_NAMES)[number];

/** Adds the flags to a command, all but those that make no sense for it. */
export function addFilters(command: Command, { clock }: Context, without: readonly FilterName[] = []): Command {
  const now = clock.now();
  const options: Record<FilterName, Option> = {
    since: new Option(
      "--since <when>",
      "received from then on: 10m ago, or 2026-06-01T08:00 (local, unless it ends in Z or +02:00)",
    ).argParser(since(now)),
    until: new Option("--until <when>", "received before then, in the same forms as --since").argParser(until(now)),
    event: new Option("--event <names>", "only these names or patterns").argParser(eventList),
    resource: new Option("--resource <id>", "only what concerns this order, transfer, …").argParser(resourceText),
    status: new Option(
      "--status <how>",
      "only deliveries that the app took (else: we answered 2xx), or that failed",
    ).choices(["ok", "failed"]),
    signature: new Option("--signature <verdict>", "only this verdict; bad: mismatch, stale and unsigned").choices([
      "bad",
      ...VERDICTS,
    ]),
    duplicates: new Option("--duplicates", "only what had arrived before"),
    limit: new Option("--limit <n>", "at most so many, the newest").argParser(positiveInteger),
  };
  for (const name of FILTER_NAMES) if (!without.includes(name)) command.addOption(options[name]);
  return command;
}

/** The same, and a warning of every event name that is neither known nor in the store. */
export async function filterIn(
  workspace: Pick<Workspace, "storeReader" | "warn">,
  flags: FilterFlags & Pick<GlobalFlags, "env">,
): Promise<DeliveryFilter> {
  const filter = filterOf(flags);
  if (flags.event !== undefined) await warnOfUnseenEvents(flags.event, await workspace.storeReader(), workspace);
  return filter;
}

/** What the flags choose. `--env` chooses too where it is given; the default environment does not. */
function filterOf(flags: FilterFlags & Pick<GlobalFlags, "env">): DeliveryFilter {
  const { signature } = flags;
  if (flags.since !== undefined && flags.until !== undefined && flags.since >= flags.until) {
    throw new AppError("invalid_usage", "--since is not before --until, so nothing can match", {
      hint: "Give the earlier time to --since, such as --since 2h --until 1h.",
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
    limit: flags.limit,
  };
}

/** What to say where the flags choose nothing. */
export function nothingFound(flags: FilterFlags & Pick<GlobalFlags, "env">): string {
  const { limit: _limit, ...conditions } = filterOf(flags);
  return Object.values(conditions).every((condition) => condition === undefined)
    ? "Nothing has arrived yet. Receive events with: bluum-hooks listen"
    : "Nothing that arrived matches.";
}
