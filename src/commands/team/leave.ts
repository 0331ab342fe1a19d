import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { joinedTeam, openTeamDatabase, requireTeamEnvironment } from "../../features/team/joined-team.ts";
import { clean } from "../../output/privacy/clean.ts";
import { TeamLog } from "../../team/log.ts";
import type { GlobalFlags } from "../shared/command.ts";
import { addHelp } from "../shared/help.ts";
import { teamName } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

interface LeaveFlags extends GlobalFlags {
  readonly delete?: boolean;
}

const HELP = {
  details: `Removes this machine from the list of members, and the invite from this machine. Deliveries that you have received stay on this machine. With --delete, the log is deleted for every member.`,
  examples: `  $ bluum-hooks team leave
  $ bluum-hooks team leave acme-sandbox --delete`,
};

export function defineLeave(command: Command, context: Context): void {
  addHelp(command.command("leave").description("leave a team"), HELP)
    .argument("[name]", "name of the team (default: the one in bluum-hooks.json)", teamName)
    .option("--delete", "delete the log for every member")
    .action(inWorkspace(context, runLeave));
}

async function runLeave(workspace: Workspace, asked: string | undefined, flags: LeaveFlags): Promise<void> {
  const { config, context } = workspace;
  const team = joinedTeam(config, context.cwd, asked);
  requireTeamEnvironment(team.invite, flags.env);
  const { name } = team.invite;
  const isDeleting = flags.delete === true;
  if (isDeleting) await workspace.agree(`Delete the team log ${name} for every member?`);
  await using database = await openTeamDatabase(team, context);
  try {
    const log = await TeamLog.open(database, team.invite);
    if (isDeleting) await log.drop();
    else await log.leave(team.stored.member);
  } catch (error) {
    // An invite that no longer works must be removable.
    if (isDeleting || !(error instanceof AppError)) throw error;
    workspace.warn({ code: error.code, message: `the list of members is unchanged: ${error.message}` });
  }
  await config.rememberTeam(name, undefined);
  workspace.print(
    { name, isDeleted: isDeleting },
    () => `${isDeleting ? "Deleted" : "Left"} the team log ${clean(name)}\n`,
  );
}
