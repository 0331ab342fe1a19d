import { AppError, Interrupted } from "../../core/errors.ts";
import { restoreCommand } from "../../session/webhook/recovery-words.ts";
import type { Workspace } from "../workspace.ts";

/** Throws `confirmation_required` unless the user agrees. */
export async function agree(workspace: Workspace, question: string): Promise<void> {
  if (await workspace.confirm(question)) return;
  throw new AppError("confirmation_required", "nothing was changed", { hint: "Answer yes, or add --yes." });
}

/** A change that is interrupted on its way may have been made: nobody shall be left to guess. */
export async function proven<T>(workspace: Workspace, change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    if (error instanceof Interrupted) {
      const { environment, baseUrl } = workspace.settings;
      workspace.warn(
        "change_unproven",
        "interrupted while the change was on its way",
        `Whether it was made is found out with: ${restoreCommand({ environment, baseUrl })}`,
      );
    }
    throw error;
  }
}
