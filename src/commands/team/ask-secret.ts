import { AppError } from "../../core/errors.ts";
import type { Workspace } from "../shared/workspace.ts";

/** Asks for a secret without showing it, or reads it from standard input. Throws `invalid_usage`. */
export async function askSecret(
  { context, json }: Workspace,
  { message, isStdin, hint }: { readonly message: string; readonly isStdin: boolean; readonly hint: string },
): Promise<string> {
  let secret: string;
  if (isStdin) secret = (await context.readStdin()).toString("utf8").trim();
  else if (context.isInteractive && !json) secret = await context.ask({ message, isSecret: true });
  else throw new AppError("invalid_usage", "cannot ask for a secret: not an interactive terminal", { hint });
  if (secret === "") throw new AppError("invalid_usage", "nothing was entered", { hint });
  context.secrets.learn([secret]);
  return secret;
}
