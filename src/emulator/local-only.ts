import type { IncomingHttpHeaders } from "node:http";
import { isLoopbackHost, readHostPort } from "../core/hosts.ts";
import { Refusal } from "./refusal.ts";

/** Names of the machine in its containers: Docker and Podman resolve these to its loopback. */
const CONTAINER_NAMES = new Set(["host.docker.internal", "host.containers.internal", "gateway.docker.internal"]);

/**
 * Throws 403 for requests that a web page can send: a cross-origin request, which a browser sends without asking, or
 * one under a name that resolves to 127.0.0.1 (DNS rebinding). An emulator's credentials are public and protect
 * nothing.
 */
export function refuseWebPages(headers: IncomingHttpHeaders): void {
  const host = readHostPort(headers.host ?? "")?.host;
  if (host === undefined) throw new Refusal("400-001", { message: "The Host header is not valid." });
  const isLocal = isLoopbackHost(host) || CONTAINER_NAMES.has(host);
  const site = headers["sec-fetch-site"];
  // `none`: the user entered the URL.
  const isFromPage = headers.origin !== undefined || (site !== undefined && site !== "none");
  if (isLocal && !isFromPage) return;
  throw new Refusal("403-001", { message: "The emulator answers only programs on this machine, not web pages." });
}
