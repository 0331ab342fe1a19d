import { randomBytes, randomUUID } from "node:crypto";
import { newId } from "../../platform/ids.ts";
import type { Generation } from "../../core/id-rules.ts";

export const WEBHOOK_STATUSES = ["ACTIVE", "INACTIVE"] as const;
export type WebhookStatus = (typeof WEBHOOK_STATUSES)[number];

/** The settings that a user can change. */
export interface WebhookSettings {
  /** The legacy API requires one. */
  readonly name: string | null;
  readonly url: string;
  readonly description: string | null;
  /** Event names, or wildcards such as `order.*`. */
  readonly eventTypeNames: readonly string[];
}

export interface Webhook extends WebhookSettings {
  readonly id: string;
  readonly status: WebhookStatus;
  /** The default is `whsec_` and 24 random bytes in base64, as Standard Webhooks requires. */
  readonly secret: string;
  /** Unix times in milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function newWebhook(
  settings: WebhookSettings,
  generation: Generation,
  now: number,
  secret = `whsec_${randomBytes(24).toString("base64")}`,
): Webhook {
  return {
    ...settings,
    id: generation === "legacy" ? randomUUID() : newId("wh"),
    status: "ACTIVE",
    secret,
    createdAt: now,
    updatedAt: now,
  };
}
