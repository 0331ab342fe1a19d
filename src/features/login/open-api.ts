import type { BluumClient } from "../../bluum/client.ts";
import { requireCredentials, type Settings } from "../../config/settings.ts";
import type { Context } from "../../context.ts";
import { ENVIRONMENT_FACTS } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { proxyFor } from "../../core/proxy.ts";
import { jsonLine } from "../../output/export/json.ts";

interface ApiOptions {
  /** Aborts all calls; by default the signal of the command. */
  readonly signal?: AbortSignal | undefined;
  /** For one call with its retries. */
  readonly deadlineMs?: number | undefined;
  /** Print each call on stderr. */
  readonly debug?: boolean | undefined;
  /** The variables that may set a proxy; by default those of the process. */
  readonly env?: Context["env"] | undefined;
  /** Called before each request that moves money; without it this client sends none. */
  readonly beforeMoney?: (() => Promise<void>) | undefined;
}

/** A client of the API in the settings, limited to its environment's rate. Throws `credentials_missing`. */
export async function openApi(
  context: Pick<Context, "createApi" | "clock" | "env" | "signal" | "stderr" | "version" | "waits">,
  settings: Pick<Settings, "environment" | "baseUrl" | "credentials">,
  { signal = context.signal, deadlineMs, debug = false, beforeMoney = movesNone, env = context.env }: ApiOptions = {},
): Promise<BluumClient> {
  return context.createApi({
    environment: settings.environment,
    baseUrl: settings.baseUrl,
    credentials: requireCredentials(settings),
    requestsPerSecond: ENVIRONMENT_FACTS[settings.environment].requestsPerSecond,
    clock: context.clock,
    waits: context.waits,
    signal,
    beforeMoney,
    proxy: proxyFor(settings.baseUrl, env),
    userAgent: `bluum-hooks/${context.version}`,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(debug ? { onCall: (call: unknown) => context.stderr.write(`api ${jsonLine(call)}\n`) } : {}),
  });
}

async function movesNone(): Promise<void> {
  throw new AppError("internal", "this client was not opened to move money");
}
