import type { Config, StoredTeam } from "../../config/config-file.ts";
import { readProjectFile } from "../../config/project-file.ts";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { parseDatabaseUrl, withLogin } from "../../team/database-url.ts";
import type { TeamDatabase } from "../../team/database.ts";
import { parseInvite, type Invite } from "../../team/invite.ts";

/** A team that this machine has joined. */
export interface JoinedTeam {
  readonly invite: Invite;
  readonly stored: StoredTeam;
}

/** The team that a project's file names. */
export interface ProjectTeam {
  readonly path: string;
  readonly team: { readonly name: string; readonly environment: string; readonly key: string };
}

/** The team of the project in a folder; undefined outside a project, or if its file names none. */
export function projectTeam(folder: string | undefined): ProjectTeam | undefined {
  const project = folder === undefined ? undefined : readProjectFile(folder);
  const team = project?.content.team;
  return project === undefined || team === undefined ? undefined : { path: project.path, team };
}

/** The team of this name, of the project, or the only one. Throws `team_not_joined` and `team_key_mismatch`. */
export function joinedTeam(config: Pick<Config, "teams">, cwd: string | undefined, asked?: string): JoinedTeam {
  const project = projectTeam(cwd);
  const teams = config.teams();
  const names = Object.keys(teams);
  const name = asked ?? project?.team.name ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined) {
    throw notJoined(
      names.length === 0 ? "this machine has not joined a team" : `name one of your teams: ${names.join(", ")}`,
    );
  }
  const stored = Object.hasOwn(teams, name) ? teams[name] : undefined;
  if (stored === undefined) throw notJoined(`this machine has not joined the team ${name}`);
  const invite = parseInvite(stored.invite);
  requireProjectKey(invite, project);
  return { invite, stored };
}

/** Throws `invalid_usage` if the command line names another environment than that of the team. */
export function requireTeamEnvironment(
  { name, environment }: Pick<Invite, "name" | "environment">,
  asked: string | undefined,
): void {
  if (asked === undefined || asked === environment) return;
  const another =
    asked === "production" ? "" : `, or create another team with: bluum-hooks team init NAME --env ${asked}`;
  throw new AppError("invalid_usage", `the team ${name} is for ${environment}, not ${asked}`, {
    hint: `Use --env ${environment}${another}`,
  });
}

/** Throws `team_key_mismatch` if the project names another key for this team. */
export function requireProjectKey(invite: Invite, project: ProjectTeam | undefined): void {
  if (project === undefined) return;
  const { team, path } = project;
  if (team.name !== invite.name || team.key === invite.key.id) return;
  throw new AppError(
    "team_key_mismatch",
    `the invite has the key ${invite.key.id}, but ${path} names the key ${team.key} for ${team.name}`,
    { hint: "Ask for the current invite, or update the project, and run: bluum-hooks team join" },
  );
}

/** The database of a team, with the member's own login if the invite has none. */
export function openTeamDatabase(
  { invite, stored }: { readonly invite: Invite; readonly stored: Pick<StoredTeam, "user" | "password"> },
  context: Pick<Context, "openTeamDatabase" | "version" | "secrets">,
): Promise<TeamDatabase> {
  const { user, password } = stored;
  const url =
    user === undefined || password === undefined
      ? invite.databaseUrl
      : withLogin(invite.databaseUrl, { user, password });
  const address = parseDatabaseUrl(url);
  context.secrets.learn([address.password]);
  return context.openTeamDatabase({ address, applicationName: `bluum-hooks ${context.version}` });
}

function notJoined(message: string): AppError {
  return new AppError("team_not_joined", message, {
    hint: "Join it with: bluum-hooks team join, or create a log with: bluum-hooks team init NAME",
  });
}

export function teamInUse(name: string, pid: number | undefined): AppError {
  return new AppError("team_in_use", `another session of this machine takes part in the team ${name}`, {
    hint:
      pid === undefined
        ? "Stop it, or listen without --team."
        : `Stop it with: kill ${pid}. Or listen without --team in this terminal.`,
  });
}
