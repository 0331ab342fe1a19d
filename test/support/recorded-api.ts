import { startFaultProxy } from "./fault-proxy.ts";
import { startSandbox } from "./sandbox.ts";

/** An API on loopback that accepts every order and records its requests. */
export async function startRecordedApi(): Promise<{
  readonly baseUrl: string;
  readonly port: string;
  /** The environment of a developer whose key pair this API accepts, with a separate folder. */
  readonly env: Record<string, string>;
  /** The orders, cancellations, deposits and withdrawals that it received. */
  moneyCalls(): string[];
  readonly rules: Awaited<ReturnType<typeof startFaultProxy>>["rules"];
}> {
  const { emulator, env } = await startSandbox();
  const { baseUrl, calls, rules } = await startFaultProxy(emulator.baseUrl);
  const { BLUUM_BASE_URL: _url, ...keys } = env;
  return {
    baseUrl,
    port: new URL(baseUrl).port,
    env: keys,
    moneyCalls: () =>
      calls
        .filter(({ method, path }) => method === "POST" && /\/(orders|deposits|withdrawals|cancel)$/.test(path))
        .map(({ method, path }) => `${method} ${path}`),
    rules,
  };
}
