import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { joinedTeam, openTeamDatabase, requireTeamEnvironment } from "../../features/team/joined-team.ts";
import { readTeamStatus } from "../../features/team/team-status.ts";
import { teamReport } from "../../output/reports/team-report.ts";
import type { GlobalFlags } from "../shared/command.ts";
import { addHelp } from "../shared/help.ts";
import { teamName } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";

interface StatusFlags extends GlobalFlags {
  readonly printSecret?: boolean;
}

const HELP = {
  details: `Shows the team log, who receives, what this machine has not yet sent to the log, whether notifications of the database arrive here, and each member: its position, when it was last seen, and the results of its app in the current session.`,
  examples: `  $ bluum-hooks team status
  $ bluum-hooks team status --print-secret`,
};

export function defineStatus(command: Command, context: Context): void {
  addHelp(command.command("status").description("show the log and its members"), HELP)
    .argument("[name]", "name of the team (default: the one in bluum-hooks.json)", teamName)
    .option("--print-secret", "print only the invite, which gives access to the log")
    .action(inWorkspace(context, runStatus));
}

async function runStatus(workspace: Workspace, asked: string | undefined, flags: StatusFlags): Promise<void> {
  const { config, context, style } = workspace;
  const team = joinedTeam(config, context.cwd, asked);
  requireTeamEnvironment(team.invite, flags.env);
  const { name, environment, key } = team.invite;
  const { invite } = team.stored;
  if (flags.printSecret === true) {
    return workspace.print({ name, environment, key: key.id, invite }, () => `${invite}\n`, invite);
  }
  context.secrets.learn([invite]);
  await using database = await openTeamDatabase(team, context);
  const { clock, signal } = context;
  const store = (await workspace.store()).team;
  const status = await readTeamStatus(team, { database, store, clock, signal });
  workspace.print(status, () => teamReport(status, style));
}
