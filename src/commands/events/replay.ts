import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/flags.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import type { Verdict } from "../../core/delivery.ts";
import { isAccepted } from "../../core/forward.ts";
import { SCHEMES, type Scheme } from "../../core/signature.ts";
import { outcomeWords } from "../../output/live/app-answer.ts";
import { clean } from "../../output/privacy/clean.ts";
import { createPaint } from "../../output/color.ts";
import { forwardLine, noteLine, plannedLine } from "../../output/live/lines.ts";
import { maskUrl } from "../../output/privacy/mask.ts";
import { toRecord } from "../../output/export/fact-record.ts";
import type { Undelivered } from "../../delivery/catch-up.ts";
import { refuseListener } from "../../features/listen/refuse-loop.ts";
import type { Edit } from "../../features/events/replay-deliveries.ts";
import type { Setting } from "../../features/events/edit-payload.ts";
import { secretMissing } from "../../features/signing/secret-missing.ts";
import { addedHeaders, appUrl, headerName, idList, waitTimeOrNone } from "../shared/parse.ts";
import { adviseOnSecret } from "../shared/signing-secret.ts";
import { endpointUrl, setting } from "../shared/values.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";
import { addFilters, filterIn, type FilterFlags } from "./filters.ts";

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

export function defineReplay(events: Command, context: Context): void {
  const command = events
    .command("replay")
    .description("send deliveries to your app again, byte for byte")
    .argument("[ids...]", "ids, unique beginnings of ids, or last", idList)
    .option("--failed", "what was sent to the app and never accepted");
  addFilters(command, context, ["limit"])
    .option("--to <url>", "a port, or a URL (default: where listen sent them last)", appUrl)
    .option("--resign", "with a fresh signature and time")
    .option("--set <path=value>", "put a value into the payload, and sign anew; may be repeated", setting)
    .addOption(new Option("--scheme <name>", "how to sign (default: as it came)").choices(SCHEMES))
    .option("--signature-header <name>", "header of the signature (default: as it came)", headerName)
    .option("--header <header>", "add 'Name: value'; may be repeated", addedHeaders)
    .addOption(
      new Option("--timeout <time>", "how long your app may take; 0: no limit")
        .argParser(waitTimeOrNone)
        .default(30_000, "30s"),
    )
    .option("--insecure", "take any certificate")
    .option("--dry-run", "say what would be sent, and send nothing")
    .addHelpText("after", HELP)
    .action(async (ids: string[], _flags: unknown, self: Command) =>
      runReplay(ids, self.optsWithGlobals<ReplayFlags>(), context),
    );
}

const HELP = `
Without ids, flags choose; each event is then sent once, in the order it came.
--failed leaves out deliveries whose signature is bad, unless --signature asks
for them.
A signature with a time is stale after five minutes: --resign makes a fresh one.
An edited event (--set) is another event, and gets an id of its own. Ends with 1
if the app did not take all of them (2xx).

Examples:
  $ bluum-hooks events replay last
  $ bluum-hooks events replay --failed
  $ bluum-hooks events replay --since 1h --event 'order.*' --to 3000 --resign
  $ bluum-hooks events replay dlv_k3x9 --set 'data.filled_quantity="2"'
`;

async function runReplay(ids: readonly string[], flags: ReplayFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  // What is sent is recorded.
  const store = await (flags.dryRun === true ? workspace.storeReader() : workspace.store());
  const chosen = await choose(ids, flags, workspace);
  if (chosen.length === 0) {
    return workspace.say(
      flags.failed === true
        ? "Nothing is left to send: the app has accepted every event whose signature is good."
        : "Nothing that arrived matches.",
    );
  }
  const url = flags.to === undefined ? await lastTarget(flags, workspace) : endpointUrl(flags.to);
  await refuseListener(store, url, context.signal);
  const { editDelivery } = await import("../../features/events/replay-deliveries.ts");
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
      cause: edit.set.length > 0 ? "edited" : "replay",
    },
    {
      store: await workspace.store(),
      waits: context.waits,
      signal: context.signal,
      make,
      onAttempt(fact, changes) {
        const why = isAccepted(fact.outcome) ? [] : [noteLine(`app: ${outcomeWords(fact.outcome)}`, "bad", style)];
        workspace.print({ ...toRecord(fact), changes }, () =>
          lines([forwardLine(fact, style), ...why].join("\n"), changes),
        );
      },
    },
  );
  if (accepted === sent) return;
  throw new AppError("unexpected_answer", `${sent - accepted} of ${sent} were not accepted by ${url}`, {
    hint: "See what the app answered with: bluum-hooks events show ID. Send what is missing with: bluum-hooks events replay --failed",
  });
}

/** The deliveries that are named, else those that the flags choose. Throws `invalid_usage` where nothing chooses. */
async function choose(
  ids: readonly string[],
  flags: ReplayFlags,
  workspace: Workspace,
): Promise<readonly Undelivered[]> {
  const store = await workspace.storeReader();
  if (ids.length > 0) {
    const named = await Promise.all(ids.map((id) => store.find(id)));
    // However often, and in whatever words, one is named.
    return [...new Map(named.map((delivery) => [delivery.id, delivery])).values()];
  }
  const { environment, ...conditions } = await filterIn(workspace, flags);
  if (flags.failed !== true && Object.values(conditions).every((condition) => condition === undefined)) {
    throw new AppError("invalid_usage", "nothing says what to send again", {
      hint: "Name deliveries, or choose them: bluum-hooks events replay last, --failed, or --since 10m.",
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
  const hint = "Send them all the same with: --failed --signature bad.";
  workspace.warn(
    "left_out",
    `${what} left out because of a bad signature: ${counts.join(", ")}`,
    leftOut.includes("stale") ? `${hint} Those that are stale get a fresh signature with --resign.` : hint,
  );
}

async function lastTarget(flags: ReplayFlags, workspace: Workspace): Promise<string> {
  const url = await (await workspace.storeReader()).lastForwardUrl(flags.env);
  if (url !== undefined) return url;
  throw new AppError("invalid_usage", "nothing was ever forwarded, so it is not known where to", {
    hint: "Name your app with --to, such as --to 3000.",
  });
}

/** How to sign anew, if that is asked for: with the secret of where the deliveries came from. Throws `webhook_secret_missing`. */
async function signingOf(
  flags: ReplayFlags,
  [first]: readonly Undelivered[],
  context: Context,
): Promise<Edit["signing"]> {
  if (flags.resign !== true && flags.set === undefined) {
    const idle = flags.scheme === undefined ? flags.signatureHeader && "--signature-header" : "--scheme";
    if (idle === undefined) return undefined;
    throw new AppError("invalid_usage", `${idle} says how to sign, but the stored signature is sent`, {
      hint: "Add --resign.",
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
