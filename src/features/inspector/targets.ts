import { AppError } from "../../core/errors.ts";
import { isLoopbackHost } from "../../core/hosts.ts";
import type { ConfirmTarget } from "../../inspector/contract.ts";
import type { LastUrls } from "../../store/forwards.ts";
import type { StoreReader } from "../../store/store.ts";
import { refuseListener } from "../listen/listeners.ts";

export interface TargetDeps {
  /** For queries only. */
  readonly reader: () => Promise<Pick<StoreReader, "holderOf" | "lastUrls">>;
  readonly environment: string;
  /** The app of this session. */
  readonly forwardUrl: () => string | null;
  /** Parses a port or URL like `--to`. Throws an error with the rule as its message. */
  readonly readTarget: (text: string) => string;
  readonly signal: AbortSignal;
}

export type Target =
  /** `app`: the app of this session, or the one that a listener last forwarded to. */
  | { readonly kind: "url"; readonly url: string; readonly app: string | undefined }
  | { readonly kind: "confirm"; readonly question: ConfirmTarget };

/** The default target of a replay: the app of this session, otherwise the last URL that anything was sent to. */
export async function defaultTarget(deps: TargetDeps): Promise<string | null> {
  return (await lastUrls(deps)).target ?? null;
}

async function lastUrls({ reader, environment, forwardUrl }: TargetDeps): Promise<LastUrls> {
  const url = forwardUrl();
  return url === null ? (await reader()).lastUrls(environment) : { app: url, target: url };
}

/**
 * The target of a replay. A target that is not on this machine must be confirmed with its host. Throws
 * `invalid_usage` for text that is not a URL, and for a listener on this machine.
 */
export async function chooseTarget(
  asked: { readonly to?: string; readonly confirmedHost?: string },
  deps: TargetDeps,
): Promise<Target> {
  const { app, target } = await lastUrls(deps);
  const url = asked.to === undefined ? target : readTarget(asked.to, deps);
  if (url === undefined) {
    throw new AppError("invalid_usage", "no app to send to: nothing has been forwarded yet", {
      hint: "Name the port or URL of your app, such as 3000.",
    });
  }
  await refuseListener(await deps.reader(), url, deps.signal);
  const { hostname, host } = new URL(url);
  if (isLoopbackHost(hostname) || asked.confirmedHost === host) return { kind: "url", url, app };
  return {
    kind: "confirm",
    question: {
      code: "confirmation_required",
      message: `${host} is not on this machine. Send the delivery there?`,
      hint: null,
      host,
    },
  };
}

function readTarget(text: string, deps: TargetDeps): string {
  try {
    return deps.readTarget(text);
  } catch (error) {
    throw new AppError("invalid_usage", `invalid target: ${error instanceof Error ? error.message : String(error)}`, {
      hint: "Name a port such as 3000, or a URL.",
    });
  }
}
