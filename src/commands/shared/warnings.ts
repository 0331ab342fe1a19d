import { isSandboxUrl } from "../../core/environments.ts";
import { CATALOGUE, isKnownEvent, meansEvent, unknownEvent } from "../../core/events.ts";
import { isMarketOpen, nextOpening, spellOpening } from "../../core/market-hours.ts";
import type { Store } from "../../store/store.ts";
import { unknownEvents } from "../../features/webhooks/setting-warnings.ts";
import type { Workspace } from "./workspace.ts";
import { lacksPrefix } from "../../core/secret-rule.ts";
import type { Scheme } from "../../core/signature.ts";

/**
 * Warns of names and patterns that match no known event, before a command uses them. `asksApi`: the API's own list
 * decides, for names that will be registered there.
 */
export async function warnOfUnknownEvents(
  patterns: readonly string[],
  workspace: Pick<Workspace, "api" | "warn">,
  asksApi = false,
): Promise<void> {
  const unknown = patterns.filter((pattern) => !isKnownEvent(pattern, asksApi ? CATALOGUE : undefined));
  if (unknown.length === 0) return;
  const warnings = asksApi
    ? await unknownEvents(await workspace.api(), unknown)
    : unknown.map((pattern) => unknownEvent(pattern, { source: "is documented" }));
  workspace.warn(...warnings);
}

/** The same for a query of received deliveries: a name that has been received is known. */
export async function warnOfUnseenEvents(
  patterns: readonly string[],
  store: Pick<Store, "list">,
  { warn }: Pick<Workspace, "warn">,
): Promise<void> {
  for (const pattern of patterns) {
    if (isKnownEvent(pattern) || (await store.list({ events: [pattern], limit: 1 })).length > 0) continue;
    warn(unknownEvent(pattern, { source: "is documented or has arrived here" }));
  }
}

/** Warns about a secret without its prefix, which is ambiguous, before anything is signed with it. */
export function adviseOnSecret(secret: string, scheme: Scheme | undefined, workspace: Pick<Workspace, "warn">): void {
  if ((scheme ?? "standard-webhooks") !== "standard-webhooks" || !lacksPrefix(secret)) return;
  workspace.warn({
    code: "secret_form",
    message: "the webhook secret lacks the prefix whsec_: it is decoded as base64, as libraries do",
    hint: "Set BLUUM_WEBHOOK_SECRET to the full secret. If your app uses the text itself as the key, use another --scheme.",
  });
}

/**
 * Warns before a fill is awaited while the market is closed: in Bluum's sandbox, orders do not fill then. Other servers
 * have hours of their own.
 */
export function warnOfClosedMarket(
  awaited: readonly string[],
  { settings, context, warn }: Pick<Workspace, "settings" | "context" | "warn">,
): void {
  if (settings.environment !== "sandbox" || !isSandboxUrl(settings.baseUrl)) return;
  const now = context.clock.now();
  if (!awaited.some((pattern) => meansEvent(pattern, "order.filled")) || isMarketOpen(now)) return;
  warn({
    code: "market_closed",
    message: `the market of the sandbox is closed: orders fill at the next open, ${spellOpening(nextOpening(now))} (after a holiday later)`,
    hint: "Use --env emulator, or wait for order.accepted only.",
  });
}
