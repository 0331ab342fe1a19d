import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Config } from "../../config/config-file.ts";
import { PROJECT_FILE, readProjectFile, updateProjectFile } from "../../config/project-file.ts";
import type { Context } from "../../context.ts";
import type { Environment } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { parseDatabaseUrl, shownAddress } from "../../team/database-url.ts";
import { encodeInvite, parseInvite, type Invite } from "../../team/invite.ts";
import { createLog } from "../../team/create-log.ts";
import { newTeamKey } from "../../team/seal.ts";

export interface CreatedTeam {
  readonly invite: Invite;
  /** False if the log existed, so that at most its tables were upgraded. */
  readonly isNew: boolean;
  /** The file that names the team; undefined if the project names another one. */
  readonly projectFile: string | undefined;
  readonly database: string;
}

/** Throws `production_refused`: a team's log would share the data of real customers. */
export function refuseProduction(environment: Environment): void {
  if (environment !== "production") return;
  throw new AppError("production_refused", "a team log of production would share the data of your customers", {
    hint: "Use the sandbox or the emulator: --env sandbox or --env emulator.",
  });
}

/** Creates a team's log, or upgrades it if this machine has joined it, and writes the project's file. */
export async function createTeam(
  { name, environment, databaseUrl }: Pick<Invite, "name" | "environment" | "databaseUrl">,
  config: Config,
  context: Pick<Context, "openTeamDatabase" | "version" | "secrets" | "cwd">,
): Promise<CreatedTeam> {
  const address = parseDatabaseUrl(databaseUrl);
  context.secrets.learn([address.password]);
  const applicationName = `bluum-hooks ${context.version}`;
  await using database = await context.openTeamDatabase({ address, applicationName });
  const created = await createLog(database, { name, environment });
  const where = shownAddress(address);
  const known = config.teams()[name];
  let invite = known && parseInvite(known.invite);
  if (invite?.log !== created.log) {
    if (!created.isNew) {
      throw new AppError("team_not_joined", `the database ${where} has a log ${name} already`, {
        hint: "Ask a member for its invite, and run: bluum-hooks team join. Or choose another name.",
      });
    }
    invite = { name, environment, databaseUrl, log: created.log, key: newTeamKey() };
    await config.rememberTeam(name, { invite: encodeInvite(invite), member: randomUUID(), from: 0 });
  }
  return { invite, isNew: created.isNew, projectFile: await writeProject(invite, context.cwd), database: where };
}

async function writeProject({ name, environment, key }: Invite, cwd: string | undefined): Promise<string | undefined> {
  if (cwd === undefined) return undefined;
  const found = readProjectFile(cwd);
  if (found?.content.team !== undefined && found.content.team.name !== name) return undefined;
  const path = found?.path ?? join(cwd, PROJECT_FILE);
  await updateProjectFile(path, { team: { name, environment, key: key.id } });
  return path;
}
