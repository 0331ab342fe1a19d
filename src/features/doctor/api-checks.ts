import { isLoopbackHost } from "../../core/hosts.ts";
import { chooseProxy, proxyName } from "../../core/proxy.ts";
import { DEFAULT_TOLERANCE_MS } from "../../core/signature.ts";
import { type DiagnosticContext, ok, problem, warning, type Finding } from "./diagnostic-context.ts";

/** The Date header has whole seconds, and the request takes time. */
const NOTEWORTHY_SKEW_MS = 5_000;

/** Whether the settings are valid. */
export async function checkSettings(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { environment, baseUrl } = await diagnostics.settings();
  const { environmentSource } = diagnostics;
  const from = environmentSource === undefined ? "" : `; the environment is from ${environmentSource}`;
  return [ok(`${environment}, ${baseUrl}${from}`)];
}

/** How the API is reached, and which variable determines that. A password in it is not shown. */
export async function checkProxy(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { baseUrl } = await diagnostics.settings();
  const url = new URL(baseUrl);
  const choice = chooseProxy(url, diagnostics.env);
  if (choice.kind === "proxy") {
    const signedIn = choice.proxy.authorization === undefined ? "" : ", with a user";
    return [ok(`${url.host} is reached through ${proxyName(choice.proxy)}${signedIn}`)];
  }
  const { exception } = choice;
  if (exception !== undefined) {
    return [ok(`${url.host} is reached directly: ${exception.variable} has ${exception.entry}`)];
  }
  return [ok(isLoopbackHost(url.hostname) ? "not used for this machine" : "none is set")];
}

export async function checkApi(diagnostics: DiagnosticContext): Promise<Finding[]> {
  if (await diagnostics.isEmulatorAbsent()) return [ok("no emulator is running; listen starts one")];
  const skewMs = await diagnostics.clockSkewMs();
  if (skewMs === null) return [ok("reachable; its response has no date, so the clocks cannot be compared")];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= NOTEWORTHY_SKEW_MS) return [ok("reachable; its clock agrees with this machine's")];
  const message = `this machine's clock is ${seconds} s ${skewMs > 0 ? "behind" : "ahead of"} the API's`;
  const remedy = "Synchronize the clock with a time server (NTP).";
  return Math.abs(skewMs) < DEFAULT_TOLERANCE_MS
    ? [warning(`${message}; signatures are refused from ${DEFAULT_TOLERANCE_MS / 1000} s`, remedy)]
    : [problem(`${message}; every signature will be refused as stale`, remedy)];
}

export async function checkCredentials(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { environment } = await diagnostics.settings();
  if (environment === "emulator") return [ok("built in for the emulator")];
  await diagnostics.api();
  const isVariable = Boolean(diagnostics.env["BLUUM_API_KEY"]?.trim());
  return [ok(`accepted by the API; from ${isVariable ? "BLUUM_API_KEY and its secret" : "login"}`)];
}
