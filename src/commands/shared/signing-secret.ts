import { lacksPrefix } from "../../core/secret-rule.ts";
import type { Scheme } from "../../core/signature.ts";
import type { Workspace } from "./workspace.ts";

/** Says before anything is signed what the secret stands for, where that is open. The scheme is what is asked for, if any. */
export function adviseOnSecret(secret: string, scheme: Scheme | undefined, workspace: Pick<Workspace, "warn">): void {
  if ((scheme ?? "standard-webhooks") !== "standard-webhooks" || !lacksPrefix(secret)) return;
  workspace.warn(
    "secret_form",
    "the webhook secret lacks its beginning whsec_: its base64 is decoded to sign, as the libraries do",
    "Set BLUUM_WEBHOOK_SECRET to the whole secret. If your app uses the text as its key, choose another --scheme.",
  );
}
