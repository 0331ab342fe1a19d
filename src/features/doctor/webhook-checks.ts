import type { Webhook } from "../../bluum/client.ts";
import { commandIn } from "../../core/command-line.ts";
import { isLoopbackHost, isPrivateHost, leadsTo } from "../../core/hosts.ts";
import { shellWord } from "../../core/shell-word.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { LockHolder, WebhookChange } from "../../store/store.ts";
import { liveDrifts } from "../webhooks/live-drifts.ts";
import { sessionLock } from "../webhooks/webhook-locks.ts";
import { restoreCommand } from "../webhooks/recovery-messages.ts";
import { ok, problem, warning, type Finding } from "./finding.ts";
import type { DiagnosticContext } from "./diagnostic-context.ts";
import { judgeHost, type HostVerdict } from "./verdict.ts";

/** A webhook, and what this machine knows of it and of where it delivers to. */
export interface WebhookCase {
  readonly webhook: Pick<Webhook, "id" | "name" | "url" | "status">;
  /** The live session of ours that has it. */
  readonly heldBy: Pick<LockHolder, "pid"> | undefined;
  readonly createdByUs: boolean;
  /** Whether a session of ours has put it to sleep until the next. */
  readonly isAsleep: boolean;
  /** The command that puts it back, where a session which died has changed it. */
  readonly restore: string | undefined;
  /** Not asked of one that a session has in hand, or put to sleep. */
  readonly host: HostVerdict | undefined;
}

/** Finds webhooks whose deliveries cannot arrive, or arrive twice. */
export async function checkWebhooks(diagnostics: DiagnosticContext): Promise<Finding[]> {
  if (await diagnostics.isEmulatorAbsent()) return [ok("none: no emulator runs")];
  const { baseUrl, environment } = await diagnostics.settings();
  const [api, store, config] = [await diagnostics.api(), await diagnostics.store(), await diagnostics.config()];
  const webhooks = await api.listWebhooks();
  const profile = config.profile(environment);
  const pending = await store.changes.pending({ environment, baseUrl });
  const apiHost = new URL(baseUrl).hostname;
  const cases = await Promise.all(
    webhooks.map(async (webhook): Promise<WebhookCase> => {
      const { id } = webhook;
      const heldBy = await store.holderOf(sessionLock(baseUrl, id));
      const known = Object.hasOwn(profile.webhooks, id) ? profile.webhooks[id] : undefined;
      const left = pending.find(({ webhookId }) => webhookId === id);
      const createdByUs = known?.baseUrl === baseUrl && known.createdByUs;
      const last = await store.changes.latest({ environment, baseUrl, webhookId: id });
      const isAsleep = createdByUs && !isActive(webhook) && leavesAsleep(last);
      return {
        webhook,
        heldBy,
        createdByUs,
        isAsleep,
        restore: left === undefined ? undefined : restoreCommand(left),
        host: heldBy === undefined && !isAsleep ? await lookAt(webhook.url, apiHost, diagnostics) : undefined,
      };
    }),
  );
  const drifts = await liveDrifts(store, async () => ({ listWebhooks: async () => webhooks }), {
    environment,
    baseUrl,
  });
  const findings = [
    ...(await findingsFor(cases, (words) => diagnostics.command(words))),
    ...drifts.map(({ webhookId, pid, what, isLoss, hint }) => {
      const message = `${what}, but the listen session of process ${pid} has it`;
      return { ...(isLoss ? problem : warning)(message, hint), webhookId };
    }),
  ];
  const lastUsed = profile.webhookId;
  const isGone = profile.webhooks[lastUsed ?? ""]?.baseUrl === baseUrl && webhooks.every(({ id }) => id !== lastUsed);
  if (lastUsed !== undefined && isGone) {
    const forget = commandIn(environment, "config unset webhook");
    findings.push(warning(`${lastUsed}, used last here, is gone; the next listen makes a new one`, forget));
  }
  return findings;
}

/** Whether the last change of a webhook is that of a session which left it inactive. Others leave it so for good. */
export function leavesAsleep(last: Pick<WebhookChange, "kind" | "before" | "outcome"> | undefined): boolean {
  if (last?.kind !== "session" || last.outcome === "kept" || last.outcome === "not-ours") return false;
  return last.outcome === "deactivated" || last.before === null || !isActive(last.before);
}

async function lookAt(url: string, apiHost: string, diagnostics: DiagnosticContext): Promise<HostVerdict> {
  if (!URL.canParse(url)) return { kind: "dead", reason: "its URL is none" };
  const { hostname, origin, protocol } = new URL(url);
  if (!/^https?:$/.test(protocol)) return { kind: "dead", reason: "its URL is not one of http or https" };
  const place = leadsTo(hostname);
  if (isLoopbackHost(place) && !isLoopbackHost(apiHost)) {
    return { kind: "dead", reason: "this is whatever machine the API runs on, not yours" };
  }
  // It may well answer from here.
  if (isPrivateHost(place) && !isPrivateHost(apiHost)) {
    return { kind: "dead", reason: "only a private network can reach it, and the API is not in one" };
  }
  // Only the origin is asked: what the path does is the app's business.
  return judgeHost(hostname, await diagnostics.probe(new URL("/", origin)));
}

/** Each webhook that something is wrong with, with the command that mends it; the others together. */
export async function findingsFor(
  cases: readonly WebhookCase[],
  command: (words: string) => Promise<string>,
): Promise<Finding[]> {
  if (cases.length === 0) return [ok("none yet")];
  const findings: Finding[] = [];
  let fine = 0;
  for (const each of cases) {
    const found = [...(await stateFindings(each, cases, command)), ...(await twinFindings(each, cases, command))];
    if (found.length === 0) fine += 1;
    findings.push(...found.map((finding) => ({ ...finding, webhookId: each.webhook.id })));
  }
  const counted = fine === cases.length ? `${fine} found, nothing wrong` : `${fine} of ${cases.length} are fine`;
  return fine === 0 ? findings : [ok(counted), ...findings];
}

type Command = Parameters<typeof findingsFor>[1];

async function stateFindings(each: WebhookCase, cases: readonly WebhookCase[], command: Command): Promise<Finding[]> {
  const { webhook, heldBy, isAsleep, restore, host } = each;
  if (heldBy !== undefined || isAsleep) return [];
  if (!isActive(webhook)) return inactiveFindings(each, cases, command);
  if (host === undefined || host.kind === "alive") return [];
  const message = `${label(each)} delivers to ${webhook.url}, where nothing can arrive: ${host.reason}`;
  const disable = await command(`webhooks disable ${shellWord(webhook.id)}`);
  if (host.kind === "dead") return [problem(message, restore ?? disable)];
  const doubt = `${label(each)} delivers to ${webhook.url}, which may be gone: ${host.reason}`;
  return [warning(doubt, disable)];
}

/** Whoever follows these remedies, and those for webhooks that deliver, is never sent back to where they came from. */
async function inactiveFindings(
  each: WebhookCase,
  cases: readonly WebhookCase[],
  command: Command,
): Promise<Finding[]> {
  const { webhook, restore, host } = each;
  const id = shellWord(webhook.id);
  const is = `${label(each)} is ${webhook.status.toLowerCase()}`;
  if (host?.kind === "dead") {
    const message = `${is}, and nothing could arrive at ${webhook.url}: ${host.reason}`;
    return [warning(message, restore ?? (await command(`webhooks delete ${id}`)))];
  }
  if (isStoodInFor(each, cases)) return [];
  if (host?.kind === "doubtful") {
    // It may be well again tomorrow, and its secret is shown only once: deleting it is not for us to advise.
    const remedy = `See what answers there. If that is gone for good: ${await command(`webhooks delete ${id}`)}`;
    return [warning(`${is}, and ${webhook.url} may be gone: ${host.reason}`, restore ?? remedy)];
  }
  return [warning(is, restore ?? (await command(`webhooks enable ${id}`)))];
}

/** Whether another one delivers to the same URL, or is the one to be enabled there: each event shall arrive there once. */
function isStoodInFor(each: WebhookCase, cases: readonly WebhookCase[]): boolean {
  const twins = cases.filter(({ webhook, isAsleep }) => !isAsleep && isSameUrl(webhook.url, each.webhook.url));
  return twins.some(({ webhook }) => isActive(webhook)) || preferred(twins) !== each;
}

/** The same event twice at one URL looks like a duplicate there. Said of each but the one that should stay. */
async function twinFindings(each: WebhookCase, cases: readonly WebhookCase[], command: Command): Promise<Finding[]> {
  if (!isActive(each.webhook)) return [];
  const twins = cases.filter(({ webhook }) => isActive(webhook) && isSameUrl(webhook.url, each.webhook.url));
  const first = preferred(twins);
  if (twins.length < 2 || first === undefined || first === each) return [];
  const message = `${label(each)} has the same URL as ${first.webhook.id}: each event arrives there twice`;
  return [warning(message, await command(`webhooks disable ${shellWord(each.webhook.id)}`))];
}

function preferred(twins: readonly WebhookCase[]): WebhookCase | undefined {
  return twins.toSorted((one, other) => rank(other) - rank(one))[0];
}

/** A session's own stays rather than one that was there before, and that rather than one that we have made. */
function rank({ heldBy, createdByUs }: WebhookCase): number {
  return heldBy !== undefined ? 2 : createdByUs ? 0 : 1;
}

function isActive({ status }: Pick<Webhook, "status">): boolean {
  return status.toUpperCase() === "ACTIVE";
}

function label({ webhook: { id, name } }: WebhookCase): string {
  return name === null || name === undefined ? id : `${id} (${name})`;
}
