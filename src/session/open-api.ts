import type { BluumClient } from "../bluum/client.ts";
import { requireCredentials, type Settings } from "../config/settings.ts";
import type { Context } from "../context.ts";
import { ENVIRONMENT_FACTS } from "../core/environments.ts";
import { jsonLine } from "../output/json.ts";

interface ApiWish {
  /** Ends all calls; the user's wish to stop, unless another is given. */
  readonly signal?: AbortSignal | undefined;
  /** For one call with its retries. */
  readonly deadlineMs?: number | undefined;
  /** Tell of each call on stderr. */
  readonly debug?: boolean | undefined;
}

/** A client of the API that the settings name, no faster than its environment allows. Throws `credentials_missing`. */
export async function openApi(
  context: Pick<Context, "createApi" | "clock" | "signal" | "stderr" | "version">,
  settings: Pick<Settings, "environment" | "baseUrl" | "credentials">,
  { signal = context.signal, deadlineMs, debug = false }: ApiWish = {},
): Promise<BluumClient> {
  return context.createApi({
    environment: settings.environment,
    baseUrl: settings.baseUrl,
    credentials: requireCredentials(settings),
    requestsPerSecond: ENVIRONMENT_FACTS[settings.environment].requestsPerSecond,
    clock: context.clock,
    signal,
    userAgent: `bluum-hooks/${context.version}`,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(debug ? { onCall: (call: unknown) => context.stderr.write(`api ${jsonLine(call)}\n`) } : {}),
  });
}
