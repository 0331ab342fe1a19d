import type { BluumClient } from "../../bluum/client.ts";
import type { Webhook } from "../../bluum/wire/decode-webhook.ts";
import { commandLine, type ApiTarget, shellWord } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";

type WebhookList = Pick<BluumClient, "listWebhooks">;

/** How long to wait before reading the list again after a webhook was missing. */
export const SECOND_LOOK_MS = 1_000;

/** The API has no documented request for a single webhook: the list is read and searched. */
export async function findWebhook(api: WebhookList, webhookId: string): Promise<Webhook | undefined> {
  return (await api.listWebhooks()).find((webhook) => webhook.id === webhookId);
}

/** Like `findWebhook`. Throws `webhook_not_found`. */
export async function requireWebhook(api: WebhookList, webhookId: string, place: ApiTarget): Promise<Webhook> {
  const webhook = await findWebhook(api, webhookId);
  if (webhook === undefined) throw webhookNotFound(webhookId, place);
  return webhook;
}

export function webhookNotFound(webhookId: string, place: ApiTarget): AppError {
  return new AppError("webhook_not_found", `there is no webhook ${webhookId} in this environment`, {
    hint: `List the webhooks with: ${commandLine("webhooks list", place)}`,
  });
}

/** The command that shows a webhook. */
export function showCommand(webhookId: string, place: ApiTarget): string {
  return commandLine(`webhooks show ${shellWord(webhookId)}`, place);
}
