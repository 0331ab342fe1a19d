import type { Settings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import type { CheckReport, CheckResult } from "../../core/check-report.ts";
import { commandLine, shellWord } from "../../core/command-line.ts";
import { proxyFor } from "../../core/proxy.ts";
import { createChecklist } from "../../output/reports/check-results.ts";
import { createProgress } from "../../output/live/progress.ts";
import { furtherAuthorities } from "../../platform/inspect-certificate.ts";
import type { Lookup } from "../../platform/lookup.ts";
import { examineEndpoint, safeChecks } from "../../features/promotion/examine-endpoint.ts";
import type { PromotionPlan } from "../../features/promotion/promotion-plan.ts";
import { signatureForm, signingFor } from "../../features/signing/signing.ts";
import type { Workspace } from "../shared/workspace.ts";
import type { PromoteFlags } from "./flags.ts";

const TLS_TIMEOUT_MS = 10_000;

/** Checks whether the endpoint is ready for production, signing as its webhook does. */
export async function examine(
  url: URL,
  lookup: Lookup,
  plan: PromotionPlan,
  {
    flags,
    context,
    workspace,
  }: { readonly flags: PromoteFlags; readonly context: Context; readonly workspace: Workspace },
): Promise<CheckReport> {
  const { signal, clock } = context;
  const { environment, owner } = workspace.settings;
  const ca = flags.ca === undefined ? undefined : await furtherAuthorities(flags.ca, workspace.env);
  const form = await signatureForm(flags, () => workspace.store(), environment);
  const { obstacle, ...signing } = signingFor({ isNew: plan.webhookId === null, secret: plan.secret }, form);
  if (obstacle !== undefined) workspace.warn(obstacle);
  workspace.say(`Checking ${url.href} …`);
  const proxy = proxyFor(url, workspace.env);
  const options = {
    ...safeChecks({ ...signing, generation: owner?.generation ?? "current", ca, now: clock.now() }),
    proxy,
  };
  const isShown = flags.json !== true && flags.quiet !== true;
  const progress = createProgress(context.stderr, isShown);
  const { planOf } = await import("../../checks/check-table.ts");
  const line = createChecklist(planOf(options), workspace.style);
  const onResult = (result: CheckResult) => {
    progress.clear();
    if (isShown) context.stderr.write(line(result));
  };
  const onProgress = (done: number, total: number, title: string) => progress.show(done, total, title);
  // A proxy resolves host names itself.
  const known: Lookup = proxy === undefined || lookup.kind === "found" ? lookup : { kind: "found", addresses: [] };
  const report = examineEndpoint(url, known, {
    now: () => clock.now(),
    inspectCertificate: (host, port) =>
      context.inspectCertificate({ host, port, ca, proxy, timeoutMs: TLS_TIMEOUT_MS, signal }),
    checkEndpoint: (endpoint) =>
      context.checkEndpoint({ ...options, url: endpoint }, { clock, signal, onProgress, onResult }),
  });
  return report.finally(() => progress.clear());
}

/** The command that checks the endpoint again with the options of this run, and with the webhook's secret. */
export function checkCommand(url: URL, flags: PromoteFlags, settings: Settings, webhookId: string | undefined): string {
  const options = {
    "--scheme": flags.scheme,
    "--signature-header": flags.signatureHeader,
    "--ca": flags.ca,
    "--webhook": webhookId,
    "--env-file": flags.envFile,
    "--investor": flags.investor,
    "--account": flags.account,
  };
  const words = Object.entries(options).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, shellWord(value)],
  );
  return commandLine(["check", shellWord(url.href), "--safe", ...words].join(" "), settings);
}

export async function lookUp(url: URL, context: Context): Promise<Lookup> {
  const host = url.hostname;
  // The URL's address was validated before.
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) {
    return { kind: "found", addresses: [host.replace(/^\[|\]$/g, "")] };
  }
  return context.lookUp(host, context.signal);
}
