import type { Command } from "commander";
import type { StoredTeam } from "../../config/config-file.ts";
import type { Context } from "../../context.ts";
import { commandIn } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";
import { joinTeam, readInvite } from "../../features/team/join-team.ts";
import { clean } from "../../output/privacy/clean.ts";
import { parseDatabaseUrl, shownAddress } from "../../team/database-url.ts";
import type { GlobalFlags } from "../shared/command.ts";
import { addHelp } from "../shared/help.ts";
import { inWorkspace, type Workspace } from "../shared/workspace.ts";
import { askSecret } from "./ask-secret.ts";

interface JoinFlags extends GlobalFlags {
  readonly stdin?: boolean;
}

const HINT = "Set BLUUM_TEAM_INVITE, or pipe the invite in: bluum-hooks team join --stdin < invite.txt";

const HELP = {
  details: `Asks for the invite that a member has printed with team status --print-secret, and saves it if the log can be read with it. If the invite has no database password, your own user and password are asked for. BLUUM_TEAM_INVITE can hold the invite instead.`,
  examples: `  $ bluum-hooks team join
  $ bluum-hooks team join --stdin < invite.txt`,
};

export function defineJoin(command: Command, context: Context): void {
  addHelp(command.command("join").description("join a team with its invite"), HELP)
    .option("--stdin", "read the invite from standard input")
    .action(inWorkspace(context, runJoin));
}

async function runJoin(workspace: Workspace, flags: JoinFlags): Promise<void> {
  const { config, context, env } = workspace;
  await config.proveWritable();
  const given = flags.stdin === true ? undefined : env["BLUUM_TEAM_INVITE"]?.trim();
  const pasted =
    given || (await askSecret(workspace, { message: "Invite", isStdin: flags.stdin === true, hint: HINT }));
  const invite = readInvite(pasted, context);
  const address = parseDatabaseUrl(invite.databaseUrl);
  const login = address.password === undefined ? await askLogin(workspace, address.user) : {};
  const head = await joinTeam(invite, login, config, context);
  const { name, environment, key } = invite;
  const database = shownAddress(address);
  workspace.print(
    { name, environment, database, key: key.id, head, path: config.path },
    () => `Joined the team log ${clean(name)} (${environment}) in ${clean(database)}
  The invite is saved in ${clean(config.path)}
  Listen: ${commandIn({ ...workspace.settings, environment }, `listen --team ${clean(name)}`)} --forward-to 3000
`,
  );
}

async function askLogin(
  workspace: Workspace,
  user: string | undefined,
): Promise<Pick<StoredTeam, "user" | "password">> {
  const { context } = workspace;
  if (!context.isInteractive || workspace.json) {
    throw new AppError("invalid_usage", "the invite has no database password, and cannot ask for yours", {
      hint: "Run team join in an interactive terminal.",
    });
  }
  const asked = await context.ask({ message: `Your database user${user === undefined ? "" : ` (Enter for ${user})`}` });
  const hint = "Ask the administrator of the database for a user.";
  const password = await askSecret(workspace, { message: "Your database password", isStdin: false, hint });
  return { user: asked === "" ? (user ?? context.whoami.split("@")[0]) : asked, password };
}
