/** A server's certificate. */
export interface Certificate {
  /** DNS names and addresses that it covers: `app.example`, `*.app.example`, `192.0.2.1`. */
  readonly names: readonly string[];
  /** The issuer's name, or null if the certificate has none. */
  readonly issuer: string | null;
  /** Unix milliseconds. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/**
 * The result of a TLS handshake with a server. `fault` is the code for which clients reject its certificate, or null.
 */
export type CertificateInspection =
  | { readonly kind: "shown"; readonly certificate: Certificate; readonly fault: string | null }
  | { readonly kind: "none"; readonly reason: string };

export interface CertificateProblem {
  readonly message: string;
  readonly hint: string;
}

const DAY_MS = 86_400_000;
/**
 * Minimum validity of a certificate at launch. Automatic renewals run a month before expiry, so one has failed then.
 */
const MIN_DAYS_LEFT = 14;
const NAMES_SHOWN = 3;

/** Why a host's certificate is not fit for production, or undefined. `now` is in Unix milliseconds. */
export function certificateProblem(
  host: string,
  inspection: CertificateInspection,
  now: number,
): CertificateProblem | undefined {
  if (inspection.kind === "none") {
    return {
      message: `cannot get the certificate of ${host}: ${inspection.reason}`,
      hint: "Check that the endpoint is deployed and answers over HTTPS.",
    };
  }
  const { certificate, fault } = inspection;
  const { startsAt, endsAt, issuer } = certificate;
  const subject = `the certificate of ${host}, issued for ${namesOf(certificate)},`;
  const renewal = "Renew it first: Bluum cannot deliver without a valid one.";
  if (endsAt <= now) return { message: `${subject} expired on ${day(endsAt)}`, hint: renewal };
  if (startsAt > now) {
    return {
      message: `${subject} is not valid before ${day(startsAt)}`,
      hint: "Wait until then, or renew it. Check this machine's clock.",
    };
  }
  if (fault === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return {
      message: `${subject} is not for ${host}`,
      hint: `Get a certificate for ${host}, or use a host name that this one covers.`,
    };
  }
  if (fault !== null) {
    return {
      message: `${subject} is not trusted: signed by ${issuer ?? "an unknown authority"} (${fault})`,
      hint: "Use a certificate from a public authority, and send its intermediate certificates too. For a proxy with its own authority, add --ca FILE.",
    };
  }
  const daysLeft = Math.floor((endsAt - now) / DAY_MS);
  if (daysLeft >= MIN_DAYS_LEFT) return undefined;
  return {
    message: `${subject} expires on ${day(endsAt)}, ${daysLeft === 0 ? "within a day" : `in ${daysLeft} ${daysLeft === 1 ? "day" : "days"}`}`,
    hint: "Renew it first, and check why it was not renewed automatically: Bluum cannot deliver after it expires.",
  };
}

function namesOf({ names }: Certificate): string {
  if (names.length === 0) return "nobody";
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
