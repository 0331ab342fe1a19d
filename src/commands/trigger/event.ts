import { addHelp } from "../shared/help.ts";
import { payloadOption } from "../shared/payload-option.ts";
import { Option, type Command } from "commander";
import type { GlobalFlags } from "../shared/command.ts";
import type { Context } from "../../context.ts";
import { SIGNATURE_VARIANTS, type SignatureVariant } from "../../core/event-request.ts";
import { AppError } from "../../core/errors.ts";
import { redirectHint, redirectOf, type Redirect } from "../../core/urls.ts";
import type { PayloadForm } from "../../core/payload-form.ts";
import { SCHEMES, type Scheme } from "../../core/signature.ts";
import { sentLine, sentRecord } from "../../output/live/sent.ts";
import { requireListener } from "../../features/listen/listeners.ts";
import type { Setting } from "../../features/events/edit-payload.ts";
import type { Expected } from "../../features/events/send-event.ts";
import {
  answerRule,
  appUrl,
  eventName,
  headerName,
  positiveInteger,
  positiveNumber,
  waitTime,
} from "../shared/parse.ts";
import { warnOfUnknownEvents, adviseOnSecret } from "../shared/warnings.ts";
import { withEmulatorHint } from "../shared/emulator-hint.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";
import { endpointUrl, jsonObject, setting } from "../shared/values.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";

interface EventFlags extends GlobalFlags {
  readonly to?: ReturnType<typeof appUrl>;
  readonly data?: string;
  readonly set?: readonly Setting[];
  readonly count: number;
  readonly rate?: number;
  readonly generation?: "current" | "legacy";
  readonly payload: PayloadForm;
  readonly duplicate?: boolean;
  readonly unsigned?: boolean;
  readonly badSignature?: boolean;
  readonly stale?: boolean;
  readonly tampered?: boolean;
  readonly scheme: Scheme;
  readonly signatureHeader?: string;
  readonly expect?: Expected;
  readonly timeout: number;
  readonly insecure?: boolean;
}

const HELP = {
  details: `The secret is BLUUM_WEBHOOK_SECRET, or that of the webhook which listen or register created on this machine. A --set value is JSON if it is valid JSON, and text otherwise: data.qty='"5"' is the text 5.

Exits with 0 if every response is 2xx. With --unsigned, --bad-signature, --stale or --tampered, any response below 500 is accepted; add --expect 4xx to require a rejection.`,
  examples: `  $ bluum-hooks trigger event order.filled
  $ bluum-hooks trigger event order.filled --to 3000 --duplicate
  $ bluum-hooks trigger event order.filled --to 3000 --tampered --expect 4xx
  $ bluum-hooks trigger event document.rejected --set data.reason=blurry
  $ bluum-hooks trigger event order.filled --to 3000 --payload event_type
  $ bluum-hooks trigger event order.filled --data @fill.json --count 50`,
};

/** `trigger event` */
export function defineEvent(parent: Command, context: Context): void {
  const command = addHelp(parent.command("event").description("send a signed event of any type to an endpoint"), HELP)
    .argument("<name>", "event name, such as order.filled", eventName)
    .option("--to <url>", "port or URL of the endpoint (default: the running listener)", appUrl)
    .option("--data <json>", "data of the payload as JSON, or @file (default: a sample)")
    .option("--set <path=value>", "change a value in the payload; repeatable", setting)
    .option("--count <n>", "number of events, each for a new resource", positiveInteger, 1)
    .option("--rate <n>", "maximum number of events per second", positiveNumber)
    .addOption(
      new Option("--generation <which>", "generation of the sample (default: that of your owner ID)").choices([
        "current",
        "legacy",
      ]),
    )
    .addOption(payloadOption())
    .option("--duplicate", "send each delivery twice");
  for (const [variant, description] of Object.entries(INVALID_SIGNATURES)) {
    const others = Object.keys(INVALID_SIGNATURES).filter((other) => other !== variant);
    command.addOption(new Option(`--${variant}`, description).conflicts(others.map(camelCase)));
  }
  command
    .addOption(new Option("--scheme <name>", "signature scheme").choices(SCHEMES).default("standard-webhooks"))
    .option("--signature-header <name>", "signature header, for other schemes (default: x-bluum-signature)", headerName)
    .option("--expect <status>", "expected response: a status such as 200, 4xx or any", answerRule)
    .addOption(
      new Option("--timeout <time>", "time limit for each response")
        .argParser(waitTime)
        .default(ANSWER_TIMEOUT_MS, "30s"),
    )
    .option("--insecure", "skip TLS certificate verification")
    .action(async (name: string, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<EventFlags>();
      await withEmulatorHint(flags, context, () => runEvent(name, flags, context));
    });
}

const INVALID_SIGNATURES: Readonly<Record<Exclude<SignatureVariant, "signed">, string>> = {
  unsigned: "send no signature",
  "bad-signature": "sign with another secret",
  stale: "sign with a time ten minutes ago",
  tampered: "change the payload after signing",
};

async function runEvent(name: string, flags: EventFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const { settings } = workspace;
  const { expectedAnswer, isExpected, prepareEvent, sendEvent, signingSecret } =
    await import("../../features/events/send-event.ts");
  const { createPoster } = await import("../../platform/post.ts");
  const variant = SIGNATURE_VARIANTS.find((each) => flags[camelCase(each) as keyof EventFlags] === true) ?? "signed";
  const options = {
    event: name,
    generation: flags.generation ?? settings.owner?.generation ?? "current",
    form: flags.payload,
    owner: settings.owner,
    data: flags.data === undefined ? undefined : await jsonObject("--data", flags.data, context),
    set: flags.set ?? [],
    variant,
    scheme: flags.scheme,
    header: flags.signatureHeader,
  };
  const url = flags.to === undefined ? await listenerUrl(workspace) : endpointUrl(flags.to, context);
  const secret = signingSecret(settings, variant);
  if (variant !== "unsigned" && variant !== "bad-signature") adviseOnSecret(secret, flags.scheme, workspace);
  const expected = flags.expect ?? expectedAnswer(variant);
  await warnOfUnknownEvents([name], workspace);

  await using poster = createPoster({ insecure: flags.insecure === true });
  const to = { url, timeoutMs: flags.timeout, signal: context.signal };
  let [sent, wrong, unanswered] = [0, 0, 0];
  let redirect: Redirect | undefined;
  for (let turn = 0; turn < flags.count; turn += 1) {
    if (turn > 0 && flags.rate !== undefined) await context.clock.sleep(1000 / flags.rate, context.signal);
    const delivery = prepareEvent(options, { secret, now: context.clock.now() });
    for (let copy = 1; copy <= (flags.duplicate === true ? 2 : 1); copy += 1) {
      const outcome = await context.waits.during(`${url} to answer`, sendEvent(poster, delivery, to));
      context.signal.throwIfAborted();
      const isRight = isExpected(outcome, expected);
      sent += 1;
      if (!isRight) wrong += 1;
      if (!isRight) redirect ??= redirectOf(url, outcome);
      if (outcome.kind === "failed") unanswered += 1;
      const report = { ...delivery, url, variant, scheme: flags.scheme, copy, outcome, isRight };
      workspace.print(sentRecord(report), () => sentLine(report, workspace.style));
    }
  }
  if (wrong > 0) throw unexpected({ wrong, sent, unanswered, redirect }, expected, url);
}

async function listenerUrl(workspace: Workspace): Promise<string> {
  const { url } = await requireListener(await workspace.storeReader(), workspace.settings);
  workspace.say(`→ ${url}`);
  return url;
}

function unexpected(
  {
    wrong,
    sent,
    unanswered,
    redirect,
  }: {
    readonly wrong: number;
    readonly sent: number;
    readonly unanswered: number;
    readonly redirect: Redirect | undefined;
  },
  expected: Expected,
  url: string,
): AppError {
  const which = sent === 1 ? "the event was" : `${wrong} of ${sent} events were`;
  if (unanswered === wrong) {
    return new AppError("unexpected_answer", `${which} not answered by ${url}`, {
      hint: "Check that the app is running and answers in time, or choose another endpoint with --to.",
    });
  }
  const rule = expected === "not-5xx" ? "an answer below 500" : expected === "any" ? "an answer" : expected;
  return new AppError("unexpected_answer", `${which} not answered as expected (${rule}) by ${url}`, {
    hint:
      redirect !== undefined
        ? redirectHint(redirect, `--to ${redirect.target}`)
        : "Check the log of the app, or set the expected status with --expect, such as --expect 4xx.",
  });
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
