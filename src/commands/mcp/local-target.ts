import { InvalidArgumentError } from "commander";
import type { Context } from "../../context.ts";
import { requireLoopback } from "../../features/agents/permissions.ts";
import { appUrl } from "../shared/parse.ts";
import { endpointUrl } from "../shared/values.ts";

/**
 * A port or URL, once the URL that the command will make of it is known to be on this machine. Throws `not_allowed`,
 * and `invalid_setting` for a path of the project that the command would refuse.
 */
export function localTarget(text: string, context: Pick<Context, "cwd">): string {
  try {
    requireLoopback(endpointUrl(appUrl(text), context), text);
  } catch (error) {
    // The command itself says what is wrong with it.
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
  return text;
}
