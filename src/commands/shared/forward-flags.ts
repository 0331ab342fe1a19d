import { Option, type Command } from "commander";
import type { Context } from "../../context.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import type { ForwardingOptions } from "../../features/listen/forwarding.ts";
import { addedHeaders, oneAppUrl, type appUrl, waitTimeOrNone, withPath } from "./parse.ts";
import { since } from "./parse-time.ts";
import type { Workspace } from "./workspace.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";

export interface ForwardFlags {
  readonly path: string;
  /** false: `--no-forward-to`. */
  readonly forwardTo?: ReturnType<typeof appUrl> | false;
  readonly ack?: "app" | "now";
  readonly forwardTimeout?: number;
  readonly insecure?: boolean;
  readonly header?: readonly HeaderPair[];
  readonly since?: number;
}

export function addForwardFlags(command: Command, { clock }: Pick<Context, "clock">): Command {
  return command
    .option("--forward-to <url>", "port or URL of your app", oneAppUrl)
    .option("--no-forward-to", "do not forward, even if bluum-hooks.json names an app")
    .addOption(
      new Option(
        "--ack <whose>",
        "response to Bluum: the status of your app (app), or 200 as soon as the delivery is stored (now) (default app)",
      ).choices(["app", "now"]),
    )
    .option(
      "--forward-timeout <time>",
      "time limit for your app's response; 0 for no limit (default 30s)",
      waitTimeOrNone,
    )
    .option("--insecure", "skip TLS certificate verification of your app")
    .option("--header <header>", "add a header to forwarded deliveries, as 'Name: value'; repeatable", addedHeaders)
    .option(
      "--since <when>",
      "first resend what your app has missed since this time: 10m, or a local date or time",
      since(clock.now()),
    );
}

/** The forwarding options; undefined without `--forward-to`. Throws `invalid_usage` for contradictory flags. */
export function forwardingOf(flags: ForwardFlags, workspace: Pick<Workspace, "say">): ForwardingOptions | undefined {
  if (flags.forwardTo === undefined || flags.forwardTo === false) {
    const unused = (["ack", "forwardTimeout", "insecure", "header", "since"] as const).find(
      (name) => flags[name] !== undefined,
    );
    if (unused === undefined) return undefined;
    const flag = `--${unused.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new AppError("invalid_usage", `${flag} requires --forward-to`, {
      hint: "Add --forward-to with the port or URL of your app.",
    });
  }
  const hasNoLimit = flags.forwardTimeout === 0;
  if (hasNoLimit && flags.ack === "app") {
    throw new AppError(
      "invalid_usage",
      "--forward-timeout 0 cannot be used with --ack app: Bluum would wait without a limit",
      {
        hint: "Remove --ack app, or use a time limit such as 30s.",
      },
    );
  }
  if (hasNoLimit) workspace.say("There is no time limit for your app, so Bluum receives 200 immediately (--ack now).");
  const { path, forwardTo } = flags;
  return {
    url: withPath(forwardTo, () => path),
    ack: hasNoLimit ? "now" : (flags.ack ?? "app"),
    timeoutMs: hasNoLimit ? Number.POSITIVE_INFINITY : (flags.forwardTimeout ?? ANSWER_TIMEOUT_MS),
    headers: flags.header ?? [],
    insecure: flags.insecure === true,
    sinceMs: flags.since,
  };
}
