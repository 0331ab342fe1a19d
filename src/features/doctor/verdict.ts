import { tunnelDomainOf } from "../../core/hosts.ts";
import type { ProbeAnswer } from "../../platform/probe.ts";

/** Whether a host can receive deliveries, judged by its response to a harmless request. */
export type HostVerdict =
  | { readonly kind: "alive" }
  | { readonly kind: "dead"; readonly reason: string }
  | { readonly kind: "doubtful"; readonly reason: string };

/** Statuses of a gateway whose upstream does not answer; 530 is Cloudflare's for a tunnel that is not connected. */
const GATEWAY_FAILURES = new Set([502, 503, 504, 530]);

/**
 * A working app may answer 404 to a request for `/`, and so may a tunnel service for a missing tunnel. ngrok marks
 * its own responses with a header (https://ngrok.com/docs/errors), other services do not.
 */
export function judgeHost(host: string, answer: ProbeAnswer): HostVerdict {
  if (answer.kind === "failed") return { kind: "dead", reason: answer.reason };
  const { status, headers } = answer;
  const service = tunnelDomainOf(host);
  const ngrokCode = headers["ngrok-error-code"];
  if (ngrokCode === "ERR_NGROK_3200") return { kind: "dead", reason: "its tunnel is offline" };
  if (ngrokCode === "ERR_NGROK_8012") return { kind: "dead", reason: "its tunnel has no app behind it" };
  if (ngrokCode !== undefined) return { kind: "doubtful", reason: `ngrok answers ${ngrokCode}` };
  if (service?.startsWith("ngrok") === true) return { kind: "alive" };
  if (GATEWAY_FAILURES.has(status)) {
    const reason = `it answers ${status}`;
    return service === undefined
      ? { kind: "doubtful", reason }
      : { kind: "dead", reason: `its tunnel answers ${status}` };
  }
  return service !== undefined && status === 404
    ? { kind: "doubtful", reason: "its tunnel answers 404, as a closed tunnel does" }
    : { kind: "alive" };
}
