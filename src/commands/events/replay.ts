import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import type { Verdict } from "../../core/delivery.ts";
import { isAccepted } from "../../core/exchange.ts";
import { SCHEMES, type Scheme } from "../../core/signature.ts";
import { outcomeWords } from "../../output/live/app-answer.ts";
import { clean } from "../../output/privacy/clean.ts";
import { createPaint } from "../../output/color.ts";
import { forwardLine, noteLine, plannedLine } from "../../output/live/lines.ts";
import { maskUrl } from "../../output/privacy/mask.ts";
import { toRecord } from "../../output/export/fact-record.ts";
import type { Undelivered } from "../../delivery/catch-up.ts";
import { refuseListener } from "../../features/listen/listeners.ts";
import type { Edit } from "../../features/events/replay-deliveries.ts";
import type { Setting } from "../../features/events/edit-payload.ts";
import { secretMissing } from "../../features/signing/signing.ts";
import { addedHeaders, appUrl, headerName, idList, waitTimeOrNone } from "../shared/parse.ts";
import { adviseOnSecret } from "../shared/warnings.ts";
import { endpointUrl, setting } from "../shared/values.ts";
import { inWorkspace, openWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, type FilterFlags } from "./filters.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";

interface ReplayFlags extends GlobalFlags, FilterFlags {
  readonly failed?: boolean;
  readonly to?: ReturnType<typeof appUrl>;
  readonly resign?: boolean;
  readonly set?: readonly Setting[];
  readonly scheme?: Scheme;
  readonly signatureHeader?: string;
  readonly header?: ReturnType<typeof addedHeaders>;
  readonly timeout: number;
  readonly insecure?: boolean;
  readonly dryRun?: boolean;
}

const HELP = {
  details: `Select deliveries by ID or with flags. With flags, each event is sent once, in the order received; --failed skips deliveries with a bad signature unless you add --signature.

Signatures with a timestamp expire after five minutes: use --resign to re-sign. An event edited with --set becomes a new event with its own ID.

Exits with 1 unless your app accepts every delivery (2xx).`,
  examples: `  $ bluum-hooks events replay last
  $ bluum-hooks events replay --failed
  $ bluum-hooks events replay --since 1h --event 'order.*' --to 3000 --resign
  $ bluum-hooks events replay dlv_k3x9 --set 'data.filled_quantity="2"'`,
};

export function defineReplay(events: Command, context: Context): void {
  const command = addHelp(events.command("replay").description("resend deliveries to your app, byte for byte"), HELP)
    .argument("[ids...]", "delivery IDs, unique prefixes of IDs, or last", idList)
    .option("--failed", "events that your app has never accepted");
  addFilters(command, context, ["limit"])
    .option("--to <url>", "port or URL of your app (default: the last one that listen forwarded to)", appUrl)
    .option("--resign", "re-sign with the current time")
    .option("--set <path=value>", "change a value in the payload and re-sign; repeatable", setting)
    .addOption(new Option("--scheme <name>", "signature scheme (default: that of the delivery)").choices(SCHEMES))
    .option("--signature-header <name>", "signature header (default: that of the delivery)", headerName)
    .option("--header <header>", "add a header as 'Name: value'; repeatable", addedHeaders)
    .addOption(
      new Option("--timeout <time>", "time limit for each response; 0 for no limit")
        .argParser(waitTimeOrNone)
        .default(ANSWER_TIMEOUT_MS, "30s"),
    )
    .option("--insecure", "skip TLS certificate verification")
    .option("--dry-run", "show what would be sent without sending it")
    .action(inWorkspace(context, runReplay));
}

async function runReplay(workspace: Workspace, ids: readonly string[], flags: ReplayFlags): Promise<void> {
  const { context } = workspace;
  // Attempts are recorded in the store.
  const store = await (flags.dryRun === true ? workspace.storeReader() : workspace.store());
  const chosen = await choose(ids, flags, workspace);
  if (chosen.length === 0) {
    return workspace.say(
      flags.failed === true
        ? "Nothing to resend: your app has accepted every event with a valid signature."
        : "No delivery matches.",
    );
  }
  const { app, target } = await store.lastUrls(flags.env);
  const url = flags.to === undefined ? target : endpointUrl(flags.to, workspace.context);
  if (url === undefined) throw noTarget();
  await refuseListener(store, url, context.signal);
  const { editDelivery, replayCause } = await import("../../features/events/replay-deliveries.ts");
  const edit = { set: flags.set ?? [], signing: await signingOf(flags, chosen, context) };
  const make = async ({ id }: Undelivered) => editDelivery(await store.find(id), edit, context.clock.now());
  workspace.say(`${chosen.length === 1 ? "1 delivery" : `${chosen.length} deliveries`} → ${clean(url)}`);
  const { stdout } = context;
  const style = { columns: stdout.isTTY ? stdout.columns || 80 : null, paint: createPaint(workspace.color) };
  const lines = (line: string, changes: readonly string[]) =>
    [line, ...changes.map((change) => noteLine(clean(change), "plain", style)), ""].join("\n");
  if (flags.dryRun === true) {
    for (const missed of chosen) {
      const { delivery, changes } = await make(missed);
      const { id, event, resourceId } = delivery;
      workspace.print({ type: "dry-run", deliveryId: id, event, resourceId, url: maskUrl(url), changes }, () =>
        lines(plannedLine({ ...delivery, at: context.clock.now() }, style), changes),
      );
    }
    return;
  }

  const { sendReplays } = await import("../../features/events/send-replays.ts");
  const { sent, accepted } = await sendReplays(
    chosen,
    {
      url,
      timeoutMs: flags.timeout === 0 ? Number.POSITIVE_INFINITY : flags.timeout,
      headers: flags.header ?? [],
      insecure: flags.insecure === true,
      cause: replayCause(edit.set.length > 0, url, app),
    },
    {
      store: await workspace.store(),
      waits: context.waits,
      signal: context.signal,
      make,
      onAttempt(fact, changes) {
        const why = isAccepted(fact.outcome) ? [] : [noteLine(`app: ${outcomeWords(fact, fact.status)}`, "bad", style)];
        workspace.print({ ...toRecord(fact), changes }, () =>
          lines([forwardLine(fact, style), ...why].join("\n"), changes),
        );
      },
    },
  );
  if (accepted === sent) return;
  throw new AppError("unexpected_answer", `${sent - accepted} of ${sent} were not accepted by ${url}`, {
    hint: "Show the responses with: bluum-hooks events show ID. Resend the failed ones with: bluum-hooks events replay --failed",
  });
}

/** The deliveries with these IDs, otherwise those that the flags select. Throws `invalid_usage` without either. */
async function choose(
  ids: readonly string[],
  flags: ReplayFlags,
  workspace: Workspace,
): Promise<readonly Undelivered[]> {
  const store = await workspace.storeReader();
  if (ids.length > 0) {
    const named = await Promise.all(ids.map((id) => store.find(id)));
    // A delivery may be named twice, by different prefixes.
    return [...new Map(named.map((delivery) => [delivery.id, delivery])).values()];
  }
  const { environment, ...conditions } = await filterIn(workspace, flags);
  if (flags.failed !== true && Object.values(conditions).every((condition) => condition === undefined)) {
    throw new AppError("invalid_usage", "no delivery selected", {
      hint: "Add delivery IDs, or select deliveries with a flag such as --failed or --since 10m.",
    });
  }
  const { chooseReplays } = await import("../../features/events/replay-deliveries.ts");
  const { chosen, leftOut } = await chooseReplays(store, {
    filter: { environment, ...conditions },
    onlyFailed: flags.failed === true,
    isResigned: flags.resign === true || flags.set !== undefined,
  });
  if (leftOut.length > 0) warnOfLeftOut(leftOut, workspace);
  return chosen;
}

function warnOfLeftOut(leftOut: readonly Verdict[], workspace: Workspace): void {
  const counts = [...new Set(leftOut)].map(
    (verdict) => `${leftOut.filter((each) => each === verdict).length} ${verdict}`,
  );
  const what = leftOut.length === 1 ? "1 failed delivery is" : `${leftOut.length} failed deliveries are`;
  const hint = "Resend them anyway with: --failed --signature bad.";
  workspace.warn({
    code: "left_out",
    message: `${what} skipped because of a bad signature: ${counts.join(", ")}`,
    hint: leftOut.includes("stale") ? `${hint} Re-sign stale ones with --resign.` : hint,
  });
}

function noTarget(): AppError {
  return new AppError("invalid_usage", "no app to send to: nothing has been forwarded yet", {
    hint: "Add --to with the port or URL of your app, such as --to 3000.",
  });
}

/** How to re-sign, if requested: with the secret of the deliveries' environment. Throws `webhook_secret_missing`. */
async function signingOf(
  flags: ReplayFlags,
  [first]: readonly Undelivered[],
  context: Context,
): Promise<Edit["signing"]> {
  if (flags.resign !== true && flags.set === undefined) {
    const unused = flags.scheme === undefined ? flags.signatureHeader && "--signature-header" : "--scheme";
    if (unused === undefined) return undefined;
    throw new AppError("invalid_usage", `${unused} requires --resign`, {
      hint: "Add --resign, or remove the flag: without it the stored signature is sent.",
    });
  }
  const env = flags.env ?? first?.environment;
  await using workspace = await openWorkspace({ ...flags, ...(env === undefined ? {} : { env }) }, context);
  const { settings } = workspace;
  const [secret] = settings.webhookSecrets;
  if (secret === undefined) throw secretMissing(settings, "sign");
  adviseOnSecret(secret, flags.scheme, workspace);
  return {
    secret,
    ...(flags.scheme === undefined ? {} : { scheme: flags.scheme }),
    ...(flags.signatureHeader === undefined ? {} : { header: flags.signatureHeader }),
  };
}
