import type { Permission } from "../../mcp/tool.ts";
import { AppError } from "../../core/errors.ts";
import type { Environment } from "../../core/environments.ts";
import { isLoopbackHost } from "../../core/hosts.ts";

/** All of them, in the order of the help. */
export const PERMISSIONS = ["replay", "trigger", "check", "listen"] as const satisfies readonly Permission[];

/** Throws `not_allowed` unless the user has allowed it. */
export function requirePermission(permission: Permission, allowed: readonly Permission[]): void {
  if (allowed.includes(permission)) return;
  throw new AppError(
    "not_allowed",
    `${permission} is not allowed: this server is started without --allow ${permission}`,
    {
      hint: `Ask the user to put --allow ${[...allowed, permission].join(",")} into the command that starts this server, and to keep its other flags.`,
    },
  );
}

/** Throws `not_allowed` for a URL that does not lead to this machine. */
export function requireLoopback(url: string, what: string): void {
  if (URL.canParse(url) && isLoopbackHost(new URL(url).hostname)) return;
  throw new AppError("not_allowed", `${what} is not on this machine`, {
    hint: "An agent may only send to this machine: use a port such as 3000, or a URL of localhost. The user can run the command in a terminal.",
  });
}

/** Throws `not_allowed` in production. */
export function refuseProduction(environment: Environment): void {
  if (environment !== "production") return;
  throw new AppError("not_allowed", "an agent gets no access to production, only to stored deliveries", {
    hint: "Run the command in a terminal, or start the server with --env sandbox or --env emulator.",
  });
}
