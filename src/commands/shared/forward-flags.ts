import { Option, type Command } from "commander";
import type { Context } from "../../context.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import type { ForwardingOptions } from "../../features/listen/forwarding.ts";
import { addedHeaders, oneAppUrl, type appUrl, waitTimeOrNone } from "./parse.ts";
import { since } from "./parse-time.ts";
import type { Workspace } from "./workspace.ts";

export interface ForwardFlags {
  readonly path: string;
  readonly forwardTo?: ReturnType<typeof appUrl>;
  readonly ack?: "app" | "now";
  readonly forwardTimeout?: number;
  readonly insecure?: boolean;
  readonly header?: readonly HeaderPair[];
  readonly since?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

export function addForwardFlags(command: Command, { clock }: Pick<Context, "clock">): Command {
  return command
    .option("--forward-to <url>", "hand each delivery to your app: a port, or a URL", oneAppUrl)
    .addOption(
      new Option("--ack <whose>", "app (default): Bluum gets your app's status; now: 200 once stored").choices([
        "app",
        "now",
      ]),
    )
    .option("--forward-timeout <time>", "how long your app may take (default: 30s); 0: no limit", waitTimeOrNone)
    .option("--insecure", "take any certificate of your app")
    .option("--header <header>", "add 'Name: value' to what your app gets", addedHeaders)
    .option(
      "--since <when>",
      "first forward what your app missed: 10m ago, or a local date or time",
      since(clock.now()),
    );
}

/** What the flags say of forwarding; undefined without `--forward-to`. Throws `invalid_usage` for what contradicts itself. */
export function forwardingOf(flags: ForwardFlags, workspace: Pick<Workspace, "say">): ForwardingOptions | undefined {
  if (flags.forwardTo === undefined) {
    const idle = (["ack", "forwardTimeout", "insecure", "header", "since"] as const).find(
      (name) => flags[name] !== undefined,
    );
    if (idle === undefined) return undefined;
    const flag = `--${idle.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new AppError("invalid_usage", `${flag} says how to forward, but not where to`, {
      hint: "Add --forward-to with the port or URL of your app.",
    });
  }
  const waitsForEver = flags.forwardTimeout === 0;
  if (waitsForEver && flags.ack === "app") {
    throw new AppError("invalid_usage", "--forward-timeout 0 lets Bluum wait for ever with --ack app", {
      hint: "Leave out --ack app, or give a time that Bluum waits for, such as 30s.",
    });
  }
  if (waitsForEver) workspace.say("No limit for your app's answers, so Bluum is told 200 at once (--ack now).");
  const { url, hasPath } = flags.forwardTo;
  return {
    url: (hasPath ? url : new URL(flags.path, url)).href,
    ack: waitsForEver ? "now" : (flags.ack ?? "app"),
    timeoutMs: waitsForEver ? Number.POSITIVE_INFINITY : (flags.forwardTimeout ?? DEFAULT_TIMEOUT_MS),
    headers: flags.header ?? [],
    insecure: flags.insecure === true,
    sinceMs: flags.since,
  };
}
