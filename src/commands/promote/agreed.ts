import { AppError } from "../../core/errors.ts";
import type { Workspace } from "../shared/workspace.ts";

/** Throws `confirmation_required` unless the user agrees. */
export async function agree(workspace: Workspace, question: string): Promise<void> {
  if (await workspace.confirm(question)) return;
  throw new AppError("confirmation_required", "nothing was changed", { hint: "Answer yes, or add --yes." });
}
