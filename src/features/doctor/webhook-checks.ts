import type { Webhook } from "../../bluum/client.ts";
import { commandIn, shellWord } from "../../core/command-line.ts";
import { isLoopbackHost, isPrivateHost, leadsTo, tunnelDomainOf } from "../../core/hosts.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { LockHolder, WebhookChange } from "../../store/store.ts";
import { liveDrifts } from "../webhooks/drift.ts";
import { sessionLock } from "../webhooks/webhook-locks.ts";
import { restoreCommand } from "../webhooks/recovery-messages.ts";
import { type DiagnosticContext, ok, problem, warning, type Finding } from "./diagnostic-context.ts";
import type { ProbeAnswer } from "../../platform/probe.ts";

/** A webhook, with what this machine knows about it and its URL. */
export interface WebhookCase {
  readonly webhook: Pick<Webhook, "id" | "name" | "url" | "status">;
  /** The live session on this machine that holds it. */
  readonly heldBy: Pick<LockHolder, "pid"> | undefined;
  readonly createdByUs: boolean;
  /** Whether the last session left it inactive until the next one. */
  readonly isAsleep: boolean;
  /** The command that restores it after a crashed session. */
  readonly restore: string | undefined;
  /** Unknown if a session holds it or left it inactive. */
  readonly host: HostVerdict | undefined;
}

/** Finds webhooks whose deliveries are lost or are received twice. */
export async function checkWebhooks(diagnostics: DiagnosticContext): Promise<Finding[]> {
  if (await diagnostics.isEmulatorAbsent()) return [ok("none: no emulator is running")];
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
    findings.push(warning(`${lastUsed}, used last here, no longer exists; the next listen creates a new one`, forget));
  }
  return findings;
}

/** Whether the last change of a webhook belongs to a session that left it inactive; others do so permanently. */
export function leavesAsleep(last: Pick<WebhookChange, "kind" | "before" | "outcome"> | undefined): boolean {
  if (last?.kind !== "session" || last.outcome === "kept" || last.outcome === "not-ours") return false;
  return last.outcome === "deactivated" || last.before === null || !isActive(last.before);
}

async function lookAt(url: string, apiHost: string, diagnostics: DiagnosticContext): Promise<HostVerdict> {
  if (!URL.canParse(url)) return { kind: "dead", reason: "its URL is invalid" };
  const { hostname, origin, protocol } = new URL(url);
  if (!/^https?:$/.test(protocol)) return { kind: "dead", reason: "its URL is not http or https" };
  const place = leadsTo(hostname);
  if (isLoopbackHost(place) && !isLoopbackHost(apiHost)) {
    return { kind: "dead", reason: "this address is the API's own machine, not yours" };
  }
  // It may still answer from this machine.
  if (isPrivateHost(place) && !isPrivateHost(apiHost)) {
    return { kind: "dead", reason: "it is in a private network that the API cannot reach" };
  }
  // Only the origin is requested: a request to the path could have effects in the app.
  return judgeHost(hostname, await diagnostics.probe(new URL("/", origin)));
}

/** Each webhook with a problem, with the command that fixes it; the others as one finding. */
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
  const counted = fine === cases.length ? `${fine} found, no problems` : `${fine} of ${cases.length} are fine`;
  return fine === 0 ? findings : [ok(counted), ...findings];
}

type Command = Parameters<typeof findingsFor>[1];

async function stateFindings(each: WebhookCase, cases: readonly WebhookCase[], command: Command): Promise<Finding[]> {
  const { webhook, heldBy, isAsleep, restore, host } = each;
  if (heldBy !== undefined || isAsleep) return [];
  if (!isActive(webhook)) return inactiveFindings(each, cases, command);
  if (host === undefined || host.kind === "alive") return [];
  const message = `${label(each)} delivers to ${webhook.url}, which cannot receive them: ${host.reason}`;
  const disable = await command(`webhooks disable ${shellWord(webhook.id)}`);
  if (host.kind === "dead") return [problem(message, restore ?? disable)];
  const doubt = `${label(each)} delivers to ${webhook.url}, which may be gone: ${host.reason}`;
  return [warning(doubt, disable)];
}

/** These remedies never undo those for active webhooks. */
async function inactiveFindings(
  each: WebhookCase,
  cases: readonly WebhookCase[],
  command: Command,
): Promise<Finding[]> {
  const { webhook, restore, host } = each;
  const id = shellWord(webhook.id);
  const is = `${label(each)} is ${webhook.status.toLowerCase()}`;
  if (host?.kind === "dead") {
    const message = `${is}, and ${webhook.url} could not receive deliveries: ${host.reason}`;
    return [warning(message, restore ?? (await command(`webhooks delete ${id}`)))];
  }
  if (isStoodInFor(each, cases)) return [];
  if (host?.kind === "doubtful") {
    // It may recover, and its secret is shown only once: do not suggest deleting it.
    const remedy = `Check the URL. If it no longer exists: ${await command(`webhooks delete ${id}`)}`;
    return [warning(`${is}, and ${webhook.url} may be gone: ${host.reason}`, restore ?? remedy)];
  }
  return [warning(is, restore ?? (await command(`webhooks enable ${id}`)))];
}

/** Whether another webhook delivers to the same URL or should: each event must be received once. */
function isStoodInFor(each: WebhookCase, cases: readonly WebhookCase[]): boolean {
  const twins = cases.filter(({ webhook, isAsleep }) => !isAsleep && isSameUrl(webhook.url, each.webhook.url));
  return twins.some(({ webhook }) => isActive(webhook)) || preferred(twins) !== each;
}

/** The same event twice at one URL looks like a duplicate. Reported for each webhook but the one to keep. */
async function twinFindings(each: WebhookCase, cases: readonly WebhookCase[], command: Command): Promise<Finding[]> {
  if (!isActive(each.webhook)) return [];
  const twins = cases.filter(({ webhook }) => isActive(webhook) && isSameUrl(webhook.url, each.webhook.url));
  const first = preferred(twins);
  if (twins.length < 2 || first === undefined || first === each) return [];
  const message = `${label(each)} has the same URL as ${first.webhook.id}: each event is delivered twice`;
  return [warning(message, await command(`webhooks disable ${shellWord(each.webhook.id)}`))];
}

function preferred(twins: readonly WebhookCase[]): WebhookCase | undefined {
  return twins.toSorted((one, other) => rank(other) - rank(one))[0];
}

/** Prefers a session's webhook, then one that existed before, then one created here. */
function rank({ heldBy, createdByUs }: WebhookCase): number {
  return heldBy !== undefined ? 2 : createdByUs ? 0 : 1;
}

function isActive({ status }: Pick<Webhook, "status">): boolean {
  return status.toUpperCase() === "ACTIVE";
}

function label({ webhook: { id, name } }: WebhookCase): string {
  return name === null || name === undefined ? id : `${id} (${name})`;
}

/** Whether a host can receive deliveries, judged by its response to a harmless request. */
type HostVerdict =
  | { readonly kind: "alive" }
  | { readonly kind: "dead"; readonly reason: string }
  | { readonly kind: "doubtful"; readonly reason: string };

/** Statuses of a gateway whose upstream does not answer; 530 is Cloudflare's for a tunnel that is not connected. */
const GATEWAY_FAILURES = new Set([502, 503, 504, 530]);

/**
 * A working app may answer 404 to a request for `/`, and so may a tunnel service for a missing tunnel. ngrok marks
 * its own responses with a header (https://ngrok.com/docs/errors), other services do not.
 */
export function judgeHost(host: string, answer: ProbeAnswer): HostVerdict {
  if (answer.kind === "failed") return { kind: "dead", reason: answer.reason };
  const { status, headers } = answer;
  const service = tunnelDomainOf(host);
  const ngrokCode = headers["ngrok-error-code"];
  if (ngrokCode === "ERR_NGROK_3200") return { kind: "dead", reason: "its tunnel is offline" };
  if (ngrokCode === "ERR_NGROK_8012") return { kind: "dead", reason: "its tunnel has no app behind it" };
  if (ngrokCode !== undefined) return { kind: "doubtful", reason: `ngrok answers ${ngrokCode}` };
  if (service?.startsWith("ngrok") === true) return { kind: "alive" };
  if (GATEWAY_FAILURES.has(status)) {
    const reason = `it answers ${status}`;
    return service === undefined
      ? { kind: "doubtful", reason }
      : { kind: "dead", reason: `its tunnel answers ${status}` };
  }
  return service !== undefined && status === 404
    ? { kind: "doubtful", reason: "its tunnel answers 404, as a closed tunnel does" }
    : { kind: "alive" };
}
