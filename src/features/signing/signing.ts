import type { Scheme } from "../../core/signature.ts";
import { SCHEMES } from "../../core/signature.ts";
import type { Store } from "../../store/store.ts";
import { AppError, type Warning } from "../../core/errors.ts";
import { commandLine, type ApiTarget } from "../../core/command-line.ts";

interface SignatureForm {
  readonly scheme: Scheme;
  /** For schemes with a single header. */
  readonly header?: string | undefined;
}

/**
 * The API's signature scheme in received deliveries, because Bluum does not document it. Production deliveries take
 * precedence, then the sandbox's; the emulator's are not conclusive for either.
 */
async function signatureSeen(store: Pick<Store, "list">, environment: string): Promise<SignatureForm | undefined> {
  const places = environment === "emulator" ? ["emulator"] : [environment, "sandbox", "production"];
  for (const place of new Set(places)) {
    const [last] = await store.list({ environment: place, verdicts: ["verified"], limit: 1 });
    const scheme = SCHEMES.find((each) => each === last?.verification.scheme);
    if (scheme !== undefined) return { scheme, header: last?.verification.header };
  }
  return undefined;
}

/** The requested scheme, otherwise that of received deliveries. Throws `invalid_usage` for a header it cannot use. */
export async function signatureForm(
  asked: { readonly scheme?: Scheme; readonly signatureHeader?: string },
  openStore: () => Promise<Pick<Store, "list">>,
  environment: string,
): Promise<SignatureForm | undefined> {
  const { scheme, signatureHeader } = asked;
  const form =
    scheme === undefined ? await signatureSeen(await openStore(), environment) : { scheme, header: undefined };
  if (signatureHeader === undefined) return form;
  if (form === undefined || form.scheme === "standard-webhooks") {
    throw new AppError("invalid_usage", "the scheme standard-webhooks has its own header names", {
      hint: "Use --scheme timestamped, hex or base64 with it.",
    });
  }
  return { scheme: form.scheme, header: signatureHeader };
}

/** How the checks sign: not at all, if the secret or the scheme is unknown. */
interface Signing {
  readonly secret: string | undefined;
  readonly scheme: Scheme;
  readonly signatureHeader: string | undefined;
  /** Why signing is not possible, although a secret exists that could be known. */
  readonly obstacle?: Warning;
}

export function signingFor(
  webhook: { readonly isNew: boolean; readonly secret: string | undefined },
  form: SignatureForm | undefined,
): Signing {
  const { isNew, secret } = webhook;
  const { scheme, header } = form ?? { scheme: "standard-webhooks" };
  const base = { scheme, signatureHeader: header };
  const cannot = "cannot send a signed event to the endpoint";
  if (isNew) return { ...base, secret: undefined };
  if (secret === undefined) {
    const message = `${cannot}: the secret of this webhook is unknown`;
    const hint = "Set BLUUM_WEBHOOK_SECRET to check it.";
    return { ...base, secret, obstacle: { code: "secret_unknown", message, hint } };
  }
  if (form === undefined) {
    const message = `${cannot}: no signed delivery has been received yet`;
    const hint = "Receive one event with bluum-hooks listen, or set the scheme with --scheme.";
    return { ...base, secret: undefined, obstacle: { code: "scheme_unknown", message, hint } };
  }
  return { ...base, secret };
}

/** The error if there is no secret to sign or verify with. */
export function secretMissing(place: ApiTarget, verb: "sign" | "verify", otherwise = ""): AppError {
  const hint =
    place.environment === "emulator"
      ? `Set BLUUM_WEBHOOK_SECRET, or run ${commandLine("listen", place)}: the secret of its emulator is stored.`
      : "Set BLUUM_WEBHOOK_SECRET, or name a webhook that listen or register created here, with --webhook ID.";
  return new AppError("webhook_secret_missing", `no webhook secret of ${place.environment} to ${verb} with`, {
    hint: hint + otherwise,
  });
}
