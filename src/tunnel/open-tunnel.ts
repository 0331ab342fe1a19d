import { type Tunnel, type TunnelOptions } from "./tunnel.ts";

/**
 * Opens a tunnel. Throws an AppError with a remedy, after 18 s at the latest: `credentials_missing`,
 * `credentials_refused`, `invalid_setting`, or one of the `tunnel_…` codes.
 */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const { openNgrokTunnel } = await import("./ngrok.ts");
  return openNgrokTunnel(options);
}
