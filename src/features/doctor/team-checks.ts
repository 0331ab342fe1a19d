import { AppError } from "../../core/errors.ts";
import { parseInvite } from "../../team/invite.ts";
import { TeamLog } from "../../team/log.ts";
import { openTeamDatabase } from "../team/joined-team.ts";
import { type DiagnosticContext, ok, problem, type Finding } from "./diagnostic-context.ts";

/** Whether the logs of the teams that this machine has joined can be read. */
export async function checkTeams(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const teams = Object.entries((await diagnostics.config()).teams());
  return Promise.all(
    teams.map(async ([name, stored]): Promise<Finding> => {
      try {
        const invite = parseInvite(stored.invite);
        await using database = await openTeamDatabase({ invite, stored }, diagnostics.context);
        const { owner } = await (await TeamLog.open(database, invite)).state();
        return ok(`the log of ${name} can be read; ${owner === undefined ? "nobody" : owner.label} receives`);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return problem(`the team ${name}: ${error.message}`, error.hint);
      }
    }),
  );
}
