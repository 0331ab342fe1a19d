import type { AgentFailure } from "./agent.ts";
import { agentRequest } from "./agent-request.ts";
import { inspectCertificate } from "../platform/inspect-certificate.ts";
import { builtProgram } from "./built-program.ts";
import { explain, NGROK_SERVER, remedyFor } from "./explain.ts";
import { UNTRUSTED } from "./remedies.ts";
import { openSupervised } from "./supervised.ts";
import type { NgrokOptions, Tunnel, TunnelTiming } from "./tunnel.ts";

const TIMING: TunnelTiming = {
  startMs: 5_000,
  connectMs: 8_000,
  bindMs: 5_000,
  reconnectMs: 4_500,
  closeMs: 2_000,
  recoveryMs: 3_500,
  probeMs: 3_000,
  checkEveryMs: 300_000,
  maxPauseMs: 4_000,
  steadyMs: 0,
  heartbeatIntervalS: 5,
  heartbeatToleranceS: 5,
};

const INSPECTION_MS = 1_500;

/**
 * Opens a tunnel. Throws an AppError with a remedy, after 18 s at the latest: `credentials_missing`,
 * `credentials_refused`, `invalid_setting`, or one of the `tunnel_…` codes.
 */
export async function openNgrok(options: NgrokOptions): Promise<Tunnel> {
  const timing = { ...TIMING, ...options.timing };
  const request = await agentRequest(options, timing);
  /** The issuer of the certificate that the service's address presents; undefined if it cannot be determined. */
  const issuer = async (): Promise<string | undefined> => {
    const [host = "", port = "443"] = (request.serverAddr ?? NGROK_SERVER).split(":");
    const asked = { host, port: Number(port), timeoutMs: INSPECTION_MS, signal: options.signal };
    const inspection = await inspectCertificate(asked).catch(() => undefined);
    return inspection?.kind === "shown" ? (inspection.certificate.issuer ?? undefined) : undefined;
  };
  return openSupervised(
    {
      agent: { file: options.agentUrl ?? builtProgram("ngrok-agent"), hasChild: false },
      request,
      hasHeartbeats: true,
      isFinal: (failure) => remedyFor(failure).isFinal,
      explain: async (failure: AgentFailure) =>
        explain(failure, request, remedyFor(failure) === UNTRUSTED ? await issuer() : undefined),
    },
    options,
    timing,
  );
}
