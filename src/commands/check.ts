import { endpointUrl } from "./shared/values.ts";
import { addHelp } from "./shared/help.ts";
import { payloadOption } from "./shared/payload-option.ts";
import { randomInt } from "node:crypto";
import { InvalidArgumentError, Option, type Command } from "commander";
import { runChecks } from "../checks/checks.ts";
import { createStateReader } from "../checks/state-source.ts";
import { checklist, planOf } from "../checks/check-table.ts";
import { FRAMEWORK_NAMES, type FrameworkName } from "../checks/frameworks/names.ts";
import { proxyFor } from "../core/proxy.ts";
import type { Settings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import type { CheckReport } from "../core/check-report.ts";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";
import { SCHEMES, type Scheme } from "../core/signature.ts";
import { createChecklist, renderConclusion } from "../output/reports/check-results.ts";
import { clean, cleanBlock } from "../output/privacy/clean.ts";
import { createProgress } from "../output/live/progress.ts";
import { table } from "../output/reports/table.ts";
import { furtherAuthorities } from "../platform/inspect-certificate.ts";
import { requireReady, writeJunit } from "../features/check/check-outcome.ts";
import { signatureForm } from "../features/signing/signing.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { appUrl, filePath, headerName, httpUrl, nameList, waitTime, wholeNumber, words } from "./shared/parse.ts";
import { adviseOnSecret } from "./shared/warnings.ts";
import { projectApp } from "./shared/project-options.ts";
import { withEmulatorHint } from "./shared/emulator-hint.ts";
import { openWorkspace, type Workspace } from "./shared/workspace.ts";
import type { CheckOptions } from "../checks/check-options.ts";
import { DEPLOYED_EXAMPLE, LOCAL_EXAMPLE } from "../core/defaults.ts";
import { ANSWER_TIMEOUT_MS } from "../core/delivery-policy.ts";
import { shellWord } from "../core/command-line.ts";
import { withoutCredentials } from "../core/urls.ts";
import type { Generation } from "../core/id-rules.ts";
import type { PayloadForm } from "../core/payload-form.ts";

interface CheckFlags extends GlobalFlags {
  readonly state?: string;
  readonly safe?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly scheme?: Scheme;
  readonly signatureHeader?: string;
  readonly generation?: Generation;
  readonly payload: PayloadForm;
  readonly framework?: FrameworkName;
  readonly timeout: number;
  readonly maxTime: number;
  readonly stateTimeout: number;
  readonly ca?: string;
  readonly seed?: number;
  readonly junit?: string;
  readonly list?: boolean;
}

const HELP = {
  details: `Sends signed events to an endpoint and checks the production requirements: a 2xx response in time, duplicates, out-of-order events, unknown events, invalid signatures, malformed requests and TLS. Use --state to check that duplicates do not change the state of your app.

The signing secret is BLUUM_WEBHOOK_SECRET, or that of the webhook created on this machine.

Exits with 0 if the endpoint is ready, 6 if a required check failed, 1 if the endpoint did not answer, and 5 if the time limit was reached.`,
  examples: `  $ bluum-hooks check 3000
  $ bluum-hooks check ${LOCAL_EXAMPLE} \\
      --state 'psql -Atc "select status, count(*) from orders group by 1"'
  $ bluum-hooks check ${DEPLOYED_EXAMPLE} --safe --junit out.xml`,
};

export function define(command: Command, deps: CommandDeps): void {
  const { context } = deps;
  addHelp(command, HELP)
    .argument("[url]", "URL or port of the endpoint (default: the app in bluum-hooks.json)")
    .option("--state <command|url>", "command or URL that returns the state of your app, compared between steps", words)
    .option("--safe", "send only events that no handler processes, for a live endpoint")
    .option("--only <names>", "run only these checks or groups, comma-separated", nameList)
    .option("--skip <names>", "skip these checks or groups, comma-separated", nameList)
    .addOption(
      new Option(
        "--scheme <name>",
        "signature scheme (default: that of the last verified delivery, or standard-webhooks)",
      ).choices(SCHEMES),
    )
    .option("--signature-header <name>", "signature header, for other schemes", headerName)
    .addOption(
      new Option("--generation <which>", "generation of the payloads (default: that of your owner ID)").choices([
        "current",
        "legacy",
      ]),
    )
    .addOption(payloadOption())
    .addOption(
      new Option(
        "--framework <name>",
        `framework of your app, for fixes in its terms (default: recognized): ${FRAMEWORK_NAMES.join(", ")}`,
      ).choices(FRAMEWORK_NAMES),
    )
    .addOption(
      new Option("--timeout <time>", "time limit for each response")
        .argParser(waitTime)
        .default(ANSWER_TIMEOUT_MS, "30s"),
    )
    .addOption(
      new Option("--max-time <time>", "time limit for the whole run").argParser(waitTime).default(300_000, "5m"),
    )
    .addOption(
      new Option("--state-timeout <time>", "time limit for your app to process an event")
        .argParser(waitTime)
        .default(10_000, "10s"),
    )
    .option("--ca <file>", "trust the certificate authorities in this PEM file too", filePath)
    .option("--seed <n>", "repeat a run with the same IDs and order", wholeNumber)
    .option("--junit <file>", "write a JUnit report to this file too", filePath)
    .option("--list", "list the checks without running them")
    .action(async (url: string | undefined, _flags: unknown, self: Command) => {
      const flags = self.optsWithGlobals<CheckFlags>();
      if (flags.list === true) return listChecks(flags, context);
      const app = url === undefined ? projectApp(context) : undefined;
      if (app !== undefined) {
        return withEmulatorHint(flags, context, () => runCheck(endpointUrl(app, context), flags, deps));
      }
      if (url === undefined) {
        throw new AppError("invalid_usage", "<url> is missing", {
          hint: `Add the URL or port of your endpoint: bluum-hooks check ${LOCAL_EXAMPLE}`,
        });
      }
      return withEmulatorHint(flags, context, () => runCheck(checkedUrl(url, context), flags, deps));
    });
}

async function listChecks(flags: CheckFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  const rows = checklist();
  workspace.print(rows, () =>
    table(
      ["ID", "REQUIREMENT", "CHECK"],
      rows.map(({ id, requirement, title }) => [id, requirement === "by-host" ? "public hosts" : requirement, title]),
      workspace.style,
    ),
  );
}

async function runCheck(url: string, flags: CheckFlags, { context, argv }: CommandDeps): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  if (flags.junit !== undefined) await context.proveWritable(flags.junit, "the report");
  const options = await optionsOf(url, flags, workspace);
  const line = createChecklist(planOf(options), workspace.style);
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
  // For an endpoint that does not answer, the error is enough.
  workspace.print(report, () => (report.reachable ? `\n${renderConclusion(report, workspace.style)}` : ""));
  if (flags.junit !== undefined) await writeJunit(flags.junit, report, context);
  requireReady(report, (names) =>
    names === undefined
      ? repeatedCommand(argv)
      : repeatedCommand(argv, { without: ["--only", "--skip"], add: ["--only", names.join(",")] }),
  );
}

async function optionsOf(url: string, flags: CheckFlags, workspace: Workspace): Promise<CheckOptions> {
  const { owner, webhookSecrets } = workspace.settings;
  const signing = await signingOf(flags, workspace);
  // Without a secret only rejections can be checked, and passing those alone would be misleading.
  if (webhookSecrets[0] === undefined && flags.safe !== true) {
    throw new AppError("credentials_missing", "cannot sign events: no webhook secret", {
      hint: "Set BLUUM_WEBHOOK_SECRET to the signing secret of the endpoint.",
    });
  }
  if (webhookSecrets[0] !== undefined) adviseOnSecret(webhookSecrets[0], signing.scheme, workspace);
  const generation = flags.generation ?? owner?.generation ?? "current";
  return {
    url,
    secret: webhookSecrets[0],
    ...signing,
    form: flags.payload,
    generation,
    ownerId: owner?.generation === generation ? ownerIdOf(owner) : undefined,
    safe: flags.safe === true,
    only: flags.only ?? [],
    skip: flags.skip ?? [],
    seed: flags.seed ?? randomInt(2 ** 32),
    framework: flags.framework,
    timeoutMs: flags.timeout,
    ca: flags.ca === undefined ? undefined : await furtherAuthorities(flags.ca, workspace.env),
    proxy: proxyFor(url, workspace.env),
    limits: { totalMs: flags.maxTime, settleMs: flags.stateTimeout },
  };
}

/** From the flags, otherwise from received deliveries: Bluum does not document its signature scheme. */
async function signingOf(
  flags: CheckFlags,
  workspace: Workspace,
): Promise<Pick<CheckOptions, "scheme" | "signatureHeader">> {
  // Without a readable store there are no deliveries to learn from.
  const store = () => workspace.storeReader().catch(() => ({ list: async () => [] }));
  const form = await signatureForm(flags, store, workspace.settings.environment);
  if (form === undefined) return { scheme: "standard-webhooks" };
  const { scheme, header } = form;
  if (flags.scheme === undefined && scheme !== "standard-webhooks") {
    workspace.say(`Signature scheme of the last delivery: ${scheme}, in ${clean(header ?? "")}.`);
  }
  return { scheme, signatureHeader: scheme === "standard-webhooks" ? undefined : header };
}

function ownerIdOf(owner: NonNullable<Settings["owner"]>): string {
  return owner.generation === "current" ? owner.investorId : owner.accountId;
}

/** Reading the state has the same time limit as a response. */
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

/** The argument as a URL. Throws `invalid_url`. */
function checkedUrl(text: string, context: Context): string {
  try {
    return /^\d+$/.test(text) ? endpointUrl(appUrl(text), context) : httpUrl(text);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    throw invalidValue("<url>", text, error.message, {
      code: "invalid_url",
      hint: `Use a port or a URL such as ${LOCAL_EXAMPLE}.`,
    });
  }
}

/**
 * The command line of this run as a command to copy, without some of its options (each with a value) and with others
 * at its end. A password in a URL is left out.
 */
function repeatedCommand(
  argv: readonly string[],
  { without, add }: { readonly without: readonly string[]; readonly add: readonly string[] } = { without: [], add: [] },
): string {
  const kept = argv.filter((word, index) => {
    const isLeftOut = without.some((name) => word === name || word.startsWith(`${name}=`));
    return !isLeftOut && !without.includes(argv[index - 1] ?? "");
  });
  return ["bluum-hooks", ...[...kept, ...add].map((word) => shellWord(withoutCredentials(word)))].join(" ");
}
