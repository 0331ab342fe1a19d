import { readFile } from "node:fs/promises";
import { AppError } from "../core/errors.ts";
import { bareHost } from "../core/hosts.ts";
import { invalidValue } from "../core/invalid-value.ts";
import type { AgentRequest, Trust } from "./agent-messages.ts";
import { NO_TOKEN } from "./remedies.ts";
import type { NgrokOptions, TunnelTiming } from "./tunnel.ts";

/** Converts settings to the agent's request. Throws `credentials_missing` or `invalid_setting`. */
export async function agentRequest(options: NgrokOptions, timing: TunnelTiming): Promise<AgentRequest> {
  const authtoken = options.authtoken?.trim() ?? "";
  // Without a token the SDK would ask the service, whose error is less clear and takes a second or two.
  if (authtoken === "") throw new AppError(NO_TOKEN.code, NO_TOKEN.message, { hint: NO_TOKEN.hint });
  return {
    authtoken,
    domain: domainOf(options.domain),
    serverAddr: serverAddrOf(options.serverAddr),
    trust: await trustOf(options.rootCas),
    upstreamUrl: options.upstreamUrl,
    version: options.version,
    heartbeatIntervalS: timing.heartbeatIntervalS,
    heartbeatToleranceS: timing.heartbeatToleranceS,
  };
}

/** The SDK passes on any text; the service expects a bare host. */
function domainOf(setting: string | undefined): string | null {
  if (!setting) return null;
  const host = bareHost(setting);
  if (host !== undefined) return host;
  throw invalidValue("ngrok domain", setting, "must be a host name such as example.ngrok.app", {
    code: "invalid_setting",
    hint: "Correct --domain, NGROK_DOMAIN or the saved setting (bluum-hooks config list).",
  });
}

/** The SDK misinterprets invalid addresses, and uses port 443 instead of 80. */
function serverAddrOf(setting: string | undefined): string | null {
  if (!setting) return null;
  const [, host, port = "443"] = /^([a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(setting.trim()) ?? [];
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536 && port !== "80") return `${host}:${port}`;
  throw invalidValue("NGROK_SERVER_ADDR", setting, "must be host:port, without a scheme", {
    code: "invalid_setting",
    hint: "Use an address such as connect.example.com:443.",
  });
}

async function trustOf(setting: string | undefined): Promise<Trust> {
  if (!setting || setting === "trusted") return { kind: "ngrok" };
  if (setting === "host") return { kind: "host" };
  try {
    return { kind: "pem", pem: await readFile(setting, "utf8") };
  } catch (cause) {
    throw new AppError("invalid_setting", `invalid NGROK_ROOT_CAS ${JSON.stringify(setting)}: cannot read the file`, {
      hint: "Use the path of a PEM file, host for this machine's trust store, or trusted for that of ngrok.",
      cause,
    });
  }
}
