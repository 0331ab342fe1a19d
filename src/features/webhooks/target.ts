import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { bareHost, isLoopbackHost, leadsTo, tunnelDomainOf } from "../../core/hosts.ts";
import { isSameUrl } from "../../core/urls.ts";
import type { WebhookAccess } from "./access.ts";

/** How a webhook was found, or that none was. */
export type Target =
  | { readonly kind: "existing"; readonly webhook: Webhook; readonly foundBy: "id" | "memory" | "name" | "url" }
  | { readonly kind: "missing"; readonly askedId: string }
  | { readonly kind: "none"; readonly forgottenId?: string };

export interface TargetQuery {
  /** Named by the user. */
  readonly askedId?: string | undefined;
  /** Created or last used by this machine. */
  readonly rememberedId?: string | undefined;
  /** The marker by which this program's webhooks are recognized. */
  readonly name: string;
  readonly url?: string | undefined;
  readonly isNew: boolean;
}

/**
 * Selects a webhook: the requested one, otherwise the stored one, otherwise the one with this program's marker,
 * otherwise the one with this URL.
 */
export function chooseTarget(webhooks: readonly Webhook[], query: TargetQuery): Target {
  if (query.isNew) return { kind: "none" };
  if (query.askedId !== undefined) {
    const webhook = webhooks.find(({ id }) => id === query.askedId);
    return webhook === undefined
      ? { kind: "missing", askedId: query.askedId }
      : { kind: "existing", webhook, foundBy: "id" };
  }
  const remembered = webhooks.find(({ id }) => id === query.rememberedId);
  if (remembered !== undefined) return { kind: "existing", webhook: remembered, foundBy: "memory" };
  const named = webhooks.find(({ name }) => name === query.name);
  if (named !== undefined) return { kind: "existing", webhook: named, foundBy: "name" };
  const sameUrl = webhooks.find(({ url }) => query.url !== undefined && isSameUrl(url, query.url));
  if (sameUrl !== undefined) return { kind: "existing", webhook: sameUrl, foundBy: "url" };
  return { kind: "none", ...(query.rememberedId === undefined ? {} : { forgottenId: query.rememberedId }) };
}

/**
 * The hosts that are known to lead to this machine: that of the URL to be used, and for tunnels the stored domain and
 * those that the journal shows were set on this webhook from here. A fixed URL may be anybody's tunnel, so it is not
 * conclusive; a webhook that delivers to a server is taken over only after a confirmation.
 */
export async function ownHosts(
  { changes, config, place: { environment, baseUrl } }: Pick<WebhookAccess, "changes" | "config" | "place">,
  { id: webhookId, url: current }: Pick<Webhook, "id" | "url">,
  given: string | undefined,
): Promise<ReadonlySet<string>> {
  const moves = (await changes.list(MAX_RECORDS, { environment, baseUrl, webhookId })).filter(
    ({ before, after, outcome }) => outcome !== "untouched" && (before === null || !isSameUrl(before.url, after.url)),
  );
  const tunnels = [bareHost(config.ngrok().domain ?? "") ?? "", ...moves.map(({ after }) => hostOf(after.url))];
  const used = given ?? (isTunnel(hostOf(current)) ? undefined : current);
  // Any other host is a server, even if a webhook was once pointed at it from here.
  return new Set([...(used === undefined ? [] : [hostOf(used)]), ...tunnels.filter(isTunnel)]);
}

/** How many of a webhook's newest changes are searched. */
const MAX_RECORDS = 10_000;

/** Why taking over this webhook needs a confirmation, or undefined if it does not. */
export function riskOfTaking(webhook: Webhook, ourHosts: ReadonlySet<string>): string | undefined {
  const host = hostOf(webhook.url);
  // The domain of a service, such as jprq.live, does not identify the machine behind it.
  const url = webhook.url.replace(tunnelDomainOf(host) ?? "", "");
  const text = [webhook.name, webhook.description, url].join(" ");
  if (/\bprod(uction)?\b|\blive\b/i.test(text)) return "its name or URL looks like production";
  // Deliveries to a loopback address never leave the API's machine. A tunnel may be anybody's.
  const isOurs = ourHosts.has(host) || isLoopbackHost(leadsTo(host));
  return webhook.status.toUpperCase() === "ACTIVE" && !isOurs ? `it is active and delivers to ${host}` : undefined;
}

function isTunnel(host: string): boolean {
  return tunnelDomainOf(host) !== undefined;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
