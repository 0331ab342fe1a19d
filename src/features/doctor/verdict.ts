import { tunnelDomainOf } from "../../core/hosts.ts";
import type { ProbeAnswer } from "../../platform/probe.ts";

/** Whether deliveries to a host can arrive, from how it answers a harmless request. */
export type HostVerdict =
  | { readonly kind: "alive" }
  | { readonly kind: "dead"; readonly reason: string }
  | { readonly kind: "doubtful"; readonly reason: string };

/** What a gateway answers when nothing behind it does; 530 is Cloudflare's for a tunnel that is not connected. */
const GATEWAY_FAILURES = new Set([502, 503, 504, 530]);

/**
 * An app may answer 404 to a request for `/` and be well; so may a tunnel service for a tunnel that is gone. ngrok marks its
 * own answers with a header (https://ngrok.com/docs/errors), the others do not.
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
