import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { commandIn } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { projectTeam, requireTeamEnvironment } from "../../features/team/joined-team.ts";
import { createTeam, refuseProduction, type CreatedTeam } from "../../features/team/create-team.ts";
import { clean } from "../../output/privacy/clean.ts";
import { parseInvite } from "../../team/invite.ts";
import { grantsFor } from "../../team/schema.ts";
import type { GlobalFlags } from "../shared/command.ts";
import { addHelp } from "../shared/help.ts";
import { teamName } from "../shared/parse.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { askSecret } from "./ask-secret.ts";

interface InitFlags extends GlobalFlags {
  readonly stdin?: boolean;
}

/** The name of the role in the statements that are printed. */
const MEMBER_ROLE = "bluum_hooks_member";

const HELP = {
  details: `Creates the tables of a team log in a PostgreSQL database (13 or later), or upgrades them, and writes the team to bluum-hooks.json, which you commit. Asks for the URL of the database, such as postgres://user:password@db.example.com/app. What members store there is encrypted with a key that stays on their machines.

A team is for one environment, the sandbox by default. A team on the emulator is made with --env emulator; all of its members use one emulator (see docs/team.md).`,
  examples: `  $ bluum-hooks team init acme-sandbox
  $ bluum-hooks team init acme-sandbox --stdin < database-url.txt
  $ bluum-hooks team init acme-try --env emulator`,
};

export function defineInit(command: Command, context: Context): void {
  addHelp(command.command("init").description("create the team log, or upgrade it"), HELP)
    .argument("[name]", "name of the log (default: the one in bluum-hooks.json)", teamName)
    .option("--stdin", "read the database URL from standard input")
    .action(inWorkspace(context, runInit));
}

async function runInit(workspace: Workspace, asked: string | undefined, flags: InitFlags): Promise<void> {
  const { config, context, settings } = workspace;
  const name = asked ?? projectTeam(context.cwd)?.team.name;
  if (name === undefined) {
    throw new AppError("invalid_usage", "the team log needs a name", { hint: "bluum-hooks team init acme-sandbox" });
  }
  await config.proveWritable();
  const known = config.teams()[name];
  const invite = known && parseInvite(known.invite);
  if (invite !== undefined) requireTeamEnvironment(invite, flags.env);
  const environment = invite?.environment ?? settings.environment;
  refuseProduction(environment);
  const databaseUrl =
    invite?.databaseUrl ??
    (await askSecret(workspace, {
      message: "Database URL (postgres://user:password@host/database)",
      isStdin: flags.stdin === true,
      hint: "Pipe the URL in: bluum-hooks team init NAME --stdin < database-url.txt",
    }));
  const created = await createTeam({ name, environment, databaseUrl }, config, context);
  const { key } = created.invite;
  const grants = grantsFor(MEMBER_ROLE);
  const { database, isNew, projectFile } = created;
  workspace.print({ name, environment, database, key: key.id, isNew, projectFile: projectFile ?? null, grants }, () =>
    report(created, grants, commandIn({ ...settings, environment }, `listen --team ${name}`)),
  );
  if (projectFile === undefined) {
    workspace.say(
      `The bluum-hooks.json of this folder names another team, and was not changed: name ${name} in commands.`,
    );
  }
}

function report({ invite, isNew, projectFile, database }: CreatedTeam, grants: string, listen: string): string {
  const name = clean(invite.name);
  const file = projectFile === undefined ? "" : `  Commit ${clean(projectFile)}\n`;
  const log = `the team log ${name} (${invite.environment}) in ${clean(database)}`;
  return `${isNew ? `Created ${log}` : `T${log.slice(1)} is up to date`}
${file}  Print the invite for your team: bluum-hooks team status ${name} --print-secret
  Listen: ${listen} --forward-to 3000

Members can share your database user. For a user with fewer rights, run as yours:
  create role ${MEMBER_ROLE} login password '…';
${grants.replaceAll(/^/gm, "  ")}
`;
}
