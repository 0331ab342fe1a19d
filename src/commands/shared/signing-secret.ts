import { lacksPrefix } from "../../core/secret-rule.ts";
import type { Scheme } from "../../core/signature.ts";
import type { Workspace } from "./workspace.ts";

/** Warns about a secret without its prefix, which is ambiguous, before anything is signed with it. */
export function adviseOnSecret(secret: string, scheme: Scheme | undefined, workspace: Pick<Workspace, "warn">): void {
  if ((scheme ?? "standard-webhooks") !== "standard-webhooks" || !lacksPrefix(secret)) return;
  workspace.warn(
    "secret_form",
    "the webhook secret lacks the prefix whsec_: it is decoded as base64, as libraries do",
    "Set BLUUM_WEBHOOK_SECRET to the full secret. If your app uses the text itself as the key, use another --scheme.",
  );
}
