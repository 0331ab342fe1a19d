import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost, readHostPort } from "../core/hosts.ts";
import { Refusal } from "./refusal.ts";

/** The machine as containers on it know it: Docker and Podman lead these to what listens on its loopback. */
const CONTAINER_NAMES = new Set(["host.docker.internal", "host.containers.internal", "gateway.docker.internal"]);

/**
 * Throws 403 for what a web page can send: a request across origins, which a browser sends without asking, or one under a name
 * that somebody points at 127.0.0.1 (DNS rebinding). The credentials of an emulator are public, and stop nobody.
 */
export function refuseWebPages(headers: IncomingHttpHeaders): void {
  const host = readHostPort(headers.host ?? "")?.host;
  if (host === undefined) throw new Refusal("400-001", { message: "The Host header is not valid." });
  const isLocal = isLoopbackHost(host) || CONTAINER_NAMES.has(host);
  const site = headers["sec-fetch-site"];
  // `none`: somebody typed the URL.
  const isFromPage = headers.origin !== undefined || (site !== undefined && site !== "none");
  if (isLocal && !isFromPage) return;
  throw new Refusal("403-001", { message: "The emulator answers programs on this machine only, and no web page." });
}
