import { randomInt } from "node:crypto";
import { InvalidArgumentError, Option, type Command } from "commander";
import { runChecks } from "../checks/checks.ts";
import { createStateReader } from "../checks/state-source.ts";
import { checklist, selectChecks } from "../checks/check-table.ts";
import type { GlobalFlags } from "./shared/flags.ts";
import { proxyFor } from "../core/proxy.ts";
import type { Settings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import type { CheckReport } from "../core/check-report.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import type { Generation } from "../core/samples.ts";
import { SCHEMES, type Scheme } from "../core/signature.ts";
import { createChecklist, renderConclusion } from "../output/reports/check-results.ts";
import { clean, cleanBlock } from "../output/privacy/clean.ts";
import { createProgress } from "../output/live/progress.ts";
import { table } from "../output/reports/table.ts";
import { furtherAuthorities } from "../platform/inspect-certificate.ts";
import { requireReady, writeJunit } from "../features/check/check-outcome.ts";
import { signatureForm } from "../features/signing/signature-seen.ts";
import type { CommandDeps } from "./shared/command.ts";
import { filePath, headerName, httpUrl, nameList, waitTime, wholeNumber, words } from "./shared/parse.ts";
import { adviseOnSecret } from "./shared/signing-secret.ts";
import { repeatedCommand } from "./shared/repeat.ts";
import { withEmulatorHint } from "./shared/emulator-hint.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";
import type { CheckOptions } from "../checks/check-options.ts";

interface CheckFlags extends GlobalFlags {
  readonly state?: string;
  readonly safe?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly scheme?: Scheme;
  readonly signatureHeader?: string;
  readonly generation?: Generation;
  readonly timeout: number;
  readonly maxTime: number;
  readonly stateTimeout: number;
  readonly ca?: string;
  readonly seed?: number;
  readonly junit?: string;
  readonly list?: boolean;
}

export function define(command: Command, deps: CommandDeps): void {
  const { context } = deps;
  command
    .argument("[url]", "the endpoint: http://localhost:3000/webhooks/bluum, or https")
    .option("--state <command|url>", "prints or answers the app's state, compared between steps", words)
    .option("--safe", "send only what makes no handler act: for a live endpoint")
    .option("--only <names>", "only these checks or groups", nameList)
    .option("--skip <names>", "all but these checks or groups", nameList)
    .addOption(
      new Option(
        "--scheme <name>",
        "how deliveries are signed (default: as the last verified one here, else standard-webhooks)",
      ).choices(SCHEMES),
    )
    .option("--signature-header <name>", "header of the signature, for the other schemes", headerName)
    .addOption(
      new Option("--generation <which>", "form of the payloads (default: as the owner's id says)").choices([
        "current",
        "legacy",
      ]),
    )
    .addOption(
      new Option("--timeout <time>", "how long to wait for one answer").argParser(waitTime).default(30_000, "30s"),
    )
    .addOption(
      new Option("--max-time <time>", "how long the whole run may take").argParser(waitTime).default(300_000, "5m"),
    )
    .addOption(
      new Option("--state-timeout <time>", "how long your app may take to act on an event")
        .argParser(waitTime)
        .default(10_000, "10s"),
    )
    .option("--ca <file>", "a further certificate authority to trust, in PEM", filePath)
    .option("--seed <n>", "repeat a run: the same ids, in the same order", wholeNumber)
    .option("--junit <file>", "write the report for a CI system as well", filePath)
    .option("--list", "list the checks, and send nothing")
    .addHelpText(
      "after",
      `
The webhook's secret comes from BLUUM_WEBHOOK_SECRET, or is remembered from when
the webhook was created here. Exit codes: 0 ready, 6 a required check failed,
1 the endpoint did not answer, 5 the time for the whole run was over.

Examples:
  $ bluum-hooks check http://localhost:3000/webhooks/bluum
  $ bluum-hooks check http://localhost:3000/webhooks/bluum \\
      --state 'psql -Atc "select status, count(*) from orders group by 1"'
  $ bluum-hooks check https://app.example/webhooks/bluum --safe --junit out.xml
`,
    )
    .action(async (url: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<CheckFlags>();
      if (flags.list === true) return listChecks(flags, context);
      if (url === undefined) {
        throw new AppError("invalid_usage", "check needs the URL of your endpoint", {
          hint: "bluum-hooks check http://localhost:3000/webhooks/bluum",
        });
      }
      return withEmulatorHint(flags, context, () => runCheck(endpointUrl(url), flags, deps));
    });
}

async function listChecks(flags: CheckFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const rows = checklist();
  workspace.print(rows, () =>
    table(
      ["ID", "FOR PRODUCTION", "WHAT A GOOD ENDPOINT DOES"],
      rows.map(({ id, requirement, title }) => [id, requirement === "by-host" ? "public" : requirement, title]),
      workspace.style,
    ),
  );
}

async function runCheck(url: string, flags: CheckFlags, { context, argv }: CommandDeps): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  if (flags.junit !== undefined) await context.proveWritable(flags.junit, "the report");
  const options = await optionsOf(url, flags, workspace);
  const titles = selectChecks(options).map(({ check }) => check.title);
  const line = createChecklist(titles, workspace.style);
  const progress = createProgress(context.stderr, flags.json !== true && flags.quiet !== true);
  let report: CheckReport;
  try {
    report = await runChecks(options, {
      clock: context.clock,
      signal: context.signal,
      onProgress: (done, total, title) => progress.show(done, total, title),
      onResult(result) {
        if (flags.json === true) return;
        progress.clear();
        workspace.write(line(result));
      },
      readState: flags.state === undefined ? undefined : stateReader(flags.state, workspace, options, context),
    });
  } finally {
    progress.clear();
  }
  // The error says all there is to say of an endpoint that does not answer.
  workspace.print(report, () => (report.reachable ? `\n${renderConclusion(report, workspace.style)}` : ""));
  if (flags.junit !== undefined) await writeJunit(flags.junit, report, context);
  requireReady(report, (ids) =>
    ids === undefined
      ? repeatedCommand(argv)
      : repeatedCommand(argv, { without: ["--only", "--skip"], add: ["--only", ids.join(",")] }),
  );
}

async function optionsOf(url: string, flags: CheckFlags, workspace: Workspace): Promise<CheckOptions> {
  const { owner, webhookSecrets } = workspace.settings;
  const signing = await signingOf(flags, workspace);
  // Without a secret only the refusals can be checked, which would say little about an endpoint, and sound like much.
  if (webhookSecrets[0] === undefined && flags.safe !== true) {
    throw new AppError("credentials_missing", "no webhook secret is known, so that no event can be signed", {
      hint: "Set BLUUM_WEBHOOK_SECRET to the secret that the endpoint verifies with.",
    });
  }
  if (webhookSecrets[0] !== undefined) adviseOnSecret(webhookSecrets[0], signing.scheme, workspace);
  const generation = flags.generation ?? owner?.generation ?? "current";
  return {
    url,
    secret: webhookSecrets[0],
    ...signing,
    generation,
    ownerId: owner?.generation === generation ? ownerIdOf(owner) : undefined,
    safe: flags.safe === true,
    only: flags.only ?? [],
    skip: flags.skip ?? [],
    seed: flags.seed ?? randomInt(2 ** 32),
    timeoutMs: flags.timeout,
    ca: flags.ca === undefined ? undefined : await furtherAuthorities(flags.ca, workspace.env),
    proxy: proxyFor(url, workspace.env),
    limits: { totalMs: flags.maxTime, settleMs: flags.stateTimeout },
  };
}

/** As told, else as the deliveries were signed that have arrived here: which scheme Bluum uses is published nowhere. */
async function signingOf(
  flags: CheckFlags,
  workspace: Workspace,
): Promise<Pick<CheckOptions, "scheme" | "signatureHeader">> {
  // Whoever has no store, or none that can be read, has no deliveries to learn from.
  const store = () => workspace.storeReader().catch(() => ({ list: async () => [] }));
  const form = await signatureForm(flags, store, workspace.settings.environment);
  if (form === undefined) return { scheme: "standard-webhooks" };
  const { scheme, header } = form;
  if (flags.scheme === undefined && scheme !== "standard-webhooks") {
    workspace.say(`Signing as the last delivery here was: ${scheme}, in ${clean(header ?? "")}.`);
  }
  return { scheme, signatureHeader: scheme === "standard-webhooks" ? undefined : header };
}

function ownerIdOf(owner: NonNullable<Settings["owner"]>): string {
  return owner.generation === "current" ? owner.investorId : owner.accountId;
}

/** One reading of the state is given as long as one answer. */
function stateReader(source: string, workspace: Workspace, options: CheckOptions, context: Context) {
  const deadlineMs = options.timeoutMs;
  return createStateReader(source, {
    deadlineMs,
    ca: options.ca,
    proxyFor: (url) => proxyFor(url, workspace.env),
    runShell: (command, signal) => context.capture(command, { env: workspace.env, deadlineMs, signal }),
    clean: cleanBlock,
  });
}

/** The argument as a URL, or an error that shows how it should look. */
function endpointUrl(text: string): string {
  try {
    return httpUrl(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalidValue("<url>", text, error.message, {
      code: "invalid_url",
      hint: "Give the URL of your endpoint, such as http://localhost:3000/webhooks/bluum.",
    });
  }
}
