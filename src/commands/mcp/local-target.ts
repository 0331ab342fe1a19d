import { InvalidArgumentError } from "commander";
import { requireLoopback } from "../../features/agents/permissions.ts";
import { appUrl } from "../shared/parse.ts";

/** A port or URL, once it is known to be on this machine: read as the command will read it. Throws `not_allowed`. */
export function localTarget(text: string): string {
  try {
    requireLoopback(appUrl(text).url.href, text);
  } catch (error) {
    // The command itself says what is wrong with it.
    if (!(error instanceof InvalidArgumentError)) throw error;
  }
  return text;
}
