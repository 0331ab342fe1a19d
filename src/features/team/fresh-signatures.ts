import type { StoredDelivery } from "../../core/delivery.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import { verify } from "../../core/signature.ts";
import type { Forwardable } from "../../delivery/forwarder.ts";
import type { Invite } from "../../team/invite.ts";
import type { TeamLog } from "../../team/log.ts";
import { editDelivery } from "../events/replay-deliveries.ts";
import type { TeamLink } from "./team-link.ts";
import type { TeamDeps } from "./team-options.ts";
import { openTeamWebhook } from "./team-webhook.ts";

interface SignaturesDeps extends Pick<TeamDeps, "secrets" | "bus" | "clock"> {
  readonly log: Pick<TeamLog, "webhook">;
  readonly link: Pick<TeamLink, "until" | "once">;
  readonly invite: Invite;
}

export interface FreshSignaturesDeps {
  /** The signing secret of the team's webhook; undefined if it is unknown, or the log cannot be read now. */
  readonly readSecret: () => Promise<string | undefined>;
  /** Secrets that this machine knows. */
  readonly ownSecrets: readonly string[];
  readonly now: () => number;
  readonly warn: (warning: Warning) => void;
}

/**
 * Reads the secret of the team's webhook. Throws `webhook_secret_missing` if nothing could be signed with it. A team
 * without a webhook has nothing to catch up on yet.
 */
export async function openSignatures(
  { ownSecrets }: Pick<FreshSignaturesDeps, "ownSecrets">,
  { link, log, invite, secrets, bus, clock }: SignaturesDeps,
): Promise<FreshSignatures> {
  const read = async () => {
    const webhook = openTeamWebhook(await log.webhook(), invite);
    secrets.learn([webhook?.secret]);
    return webhook;
  };
  const webhook = await link.until(read);
  if (webhook !== undefined && webhook.secret === undefined && ownSecrets.length === 0) {
    throw new AppError(
      "webhook_secret_missing",
      "the secret of the team's webhook is unknown, so --resign cannot sign",
      {
        hint: "Set BLUUM_WEBHOOK_SECRET, or remove --resign: deliveries are then forwarded as received.",
      },
    );
  }
  // What ends the session is reported by the work that follows the log.
  const readSecret = async () => (await link.once(read).catch(() => undefined))?.secret;
  const warn = (warning: Warning) => bus.publish({ type: "warning", ...warning });
  return new FreshSignatures({ readSecret, ownSecrets, now: () => clock.now(), warn }, webhook?.secret);
}

/**
 * Re-signs deliveries, because apps refuse a signature that is older than five minutes. What is stored stays as
 * it was received. A delivery that Bluum has not signed is never signed: the app must be able to refuse it.
 */
export class FreshSignatures {
  readonly #deps: FreshSignaturesDeps;
  #secret: string | undefined;
  readonly #warned = new Set<string>();

  constructor(deps: FreshSignaturesDeps, secret: string | undefined) {
    this.#deps = deps;
    this.#secret = secret;
  }

  /** The delivery with a new signature; as it was received, and with a warning, if it cannot be signed. */
  async renew(stored: StoredDelivery): Promise<Forwardable> {
    let secret = this.#signerOf(stored);
    if (secret === undefined) {
      // A member may have created another webhook.
      this.#secret = (await this.#deps.readSecret()) ?? this.#secret;
      secret = this.#signerOf(stored) ?? (isSigned(stored) ? this.#secret : undefined);
    }
    if (secret === undefined) {
      this.#warn(stored);
      return stored;
    }
    return editDelivery(stored, { set: [], signing: { secret } }, this.#deps.now()).delivery;
  }

  /** The secret that has signed the delivery. */
  #signerOf({ headers, body, receivedAt, verification }: StoredDelivery): string | undefined {
    const { header } = verification;
    const known = [...(this.#secret === undefined ? [] : [this.#secret]), ...this.#deps.ownSecrets];
    const about = { headers, body, now: receivedAt, toleranceMs: Infinity, header };
    return known.find((secret) => verify({ ...about, secrets: [secret] }).verdict === "verified");
  }

  #warn(stored: StoredDelivery): void {
    const { id, verification } = stored;
    const isUnknown = this.#secret === undefined;
    const code = isUnknown ? "secret_unknown" : "scheme_unknown";
    if (this.#warned.has(code)) return;
    this.#warned.add(code);
    const message = isUnknown
      ? `cannot re-sign ${id}: the secret of the team's webhook is unknown`
      : `cannot re-sign ${id}: its signature is not one of the team's webhook (${verification.verdict})`;
    const hint = isUnknown
      ? "It was forwarded as received, and so are others. Set BLUUM_WEBHOOK_SECRET, and run: bluum-hooks events replay --failed --resign"
      : `It was forwarded as received, and so are others of this kind. Look at it with: bluum-hooks events show ${id}`;
    this.#deps.warn({ code, message, hint });
  }
}

/** Whether the member that received it has found its signature valid: the secret may have changed since then. */
function isSigned({ verification }: StoredDelivery): boolean {
  return verification.verdict === "verified" || verification.verdict === "stale";
}
