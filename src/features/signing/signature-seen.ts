import type { Scheme } from "../../core/signature.ts";
import { SCHEMES } from "../../core/signature.ts";
import type { WarningCode } from "../../core/warnings.ts";
import type { Store } from "../../store/store.ts";
import { AppError } from "../../core/errors.ts";

export interface SignatureForm {
  readonly scheme: Scheme;
  /** Of the schemes that have a single header. */
  readonly header?: string | undefined;
}

/**
 * How the API signs, as far as it was seen here: Bluum does not publish it. Production's own deliveries count first, then
 * the sandbox's; an emulator's says nothing about either.
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

/**
 * The form that is asked for, else the one that was seen here. Throws `invalid_usage` for a header where the scheme has
 * headers of its own.
 */
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
    throw new AppError("invalid_usage", "the scheme standard-webhooks has header names of its own", {
      hint: "Name the scheme as well: --scheme timestamped, hex or base64.",
    });
  }
  return { scheme: form.scheme, header: signatureHeader };
}

/** With what the checks sign: nothing, where the secret or the form of a signature is not known here. */
export interface Signing {
  readonly secret: string | undefined;
  readonly scheme: Scheme;
  readonly signatureHeader: string | undefined;
  /** Why nothing can be signed, where a secret exists that could have been known. */
  readonly obstacle?: { readonly code: WarningCode; readonly message: string; readonly hint: string };
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
    const hint = "Receive one event with bluum-hooks listen, or name the form with --scheme.";
    return { ...base, secret: undefined, obstacle: { code: "scheme_unknown", message, hint } };
  }
  return { ...base, secret };
}
