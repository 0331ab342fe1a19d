import type { Webhook } from "../../bluum/wire/webhook.ts";
import { isLoopbackHost, tunnelDomainOf } from "../../core/hosts.ts";
import { isSameUrl } from "../../core/urls.ts";

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
  /** The marker by which a webhook of ours is found again. */
  readonly name: string;
  readonly url?: string | undefined;
  readonly isNew: boolean;
}

/** Which webhook is meant: the one asked for, else the remembered one, else the one with our name, else with this URL. */
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

/** Why taking over this webhook needs a question first, or undefined when it does not. */
export function riskOfTaking(webhook: Webhook, ownHost: string): string | undefined {
  const text = [webhook.name, webhook.description, webhook.url].join(" ");
  if (/\bprod(uction)?\b|\blive\b/i.test(text)) return "its name or URL looks like production";
  const host = hostOf(webhook.url);
  const isOurs = host === ownHost || isLoopbackHost(host) || tunnelDomainOf(host) !== undefined;
  return webhook.status.toUpperCase() === "ACTIVE" && !isOurs ? `it is active and delivers to ${host}` : undefined;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : url;
}
