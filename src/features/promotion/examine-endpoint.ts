import type { CheckOptions } from "../../checks/check-options.ts";
import { certificateProblem, type CertificateInspection } from "../../core/certificate.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";
import type { CheckReport } from "../../core/check-report.ts";
import { AppError } from "../../core/errors.ts";
import type { Lookup } from "../../platform/lookup.ts";

export interface EndpointEffects {
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly inspectCertificate: (host: string, port: number) => Promise<CertificateInspection>;
  readonly checkEndpoint: (url: string) => Promise<CheckReport>;
}

/**
 * Whether an endpoint is ready for production: its name, its certificate, and its responses to harmless requests.
 * Throws `check_failed` if nothing could be delivered to it, so that further checks are useless.
 */
export async function examineEndpoint(url: URL, lookup: Lookup, effects: EndpointEffects): Promise<CheckReport> {
  if (lookup.kind === "unknown") {
    throw unfit(
      `${url.hostname} cannot be reached: ${lookup.reason}`,
      "Create a DNS record for it that leads to your deployed app: Bluum cannot deliver without one.",
    );
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const inspection = await effects.inspectCertificate(host, url.port === "" ? 443 : Number(url.port));
  const problem = certificateProblem(host, inspection, effects.now());
  if (problem !== undefined) throw unfit(problem.message, problem.hint);
  return effects.checkEndpoint(url.href);
}

function unfit(message: string, hint: string): AppError {
  return new AppError("check_failed", `nothing was changed: ${message}`, {
    hint: `${hint} Use --skip-checks to continue anyway.`,
  });
}

/** The options of a check before a promotion: only requests that no app acts on. */
export function safeChecks(
  given: Pick<CheckOptions, "secret" | "scheme" | "signatureHeader" | "generation" | "ca"> & { readonly now: number },
): Omit<CheckOptions, "url"> {
  const { now, ...rest } = given;
  return { ...rest, safe: true, only: [], skip: [], seed: now % MAX_SEED, timeoutMs: ANSWER_TIMEOUT_MS };
}

const MAX_SEED = 2 ** 31;

/** The one safe check that shows that the endpoint accepts signed events. */
const SIGNED_CHECK = "events.unknown-name";

/** Whether no signed event was sent, because there was no secret. */
export function isUnsigned({ results }: CheckReport): boolean {
  return results.every(({ id, result }) => id !== SIGNED_CHECK || result === "skipped");
}
