import { randomUUID } from "node:crypto";
import type { Config, StoredTeam } from "../../config/config-file.ts";
import type { Context } from "../../context.ts";
import { encodeInvite, parseInvite, type Invite } from "../../team/invite.ts";
import { TeamLog } from "../../team/log.ts";
import { refuseProduction } from "./create-team.ts";
import { openTeamDatabase, projectTeam, requireProjectKey } from "./joined-team.ts";

/** Reads an invite, and refuses one that is not for this project. */
export function readInvite(pasted: string, { cwd, secrets }: Pick<Context, "cwd" | "secrets">): Invite {
  secrets.learn([pasted.trim()]);
  const invite = parseInvite(pasted);
  refuseProduction(invite.environment);
  requireProjectKey(invite, projectTeam(cwd));
  return invite;
}

/** Stores an invite of the environment, without trying it: the database may be away when a server starts. */
export async function useInvite(
  given: string,
  config: Config,
  context: Pick<Context, "cwd" | "secrets">,
): Promise<void> {
  const invite = readInvite(given, context);
  const known = config.teams()[invite.name];
  if (known?.invite === given) return;
  const isKnown = known !== undefined && parseInvite(known.invite).log === invite.log;
  const kept = isKnown ? { member: known.member, from: known.from } : { member: randomUUID(), from: undefined };
  await config.rememberTeam(invite.name, { ...kept, invite: given });
}

/** Stores an invite once the log could be read with it. Returns the number of deliveries in the log. */
export async function joinTeam(
  invite: Invite,
  login: Pick<StoredTeam, "user" | "password">,
  config: Config,
  context: Pick<Context, "openTeamDatabase" | "version" | "secrets">,
): Promise<number> {
  await using database = await openTeamDatabase({ invite, stored: login }, context);
  const log = await TeamLog.open(database, invite);
  const { head } = await log.state();
  const known = config.teams()[invite.name];
  const isKnown = known !== undefined && parseInvite(known.invite).log === invite.log;
  const { member, from } = isKnown ? known : { member: randomUUID(), from: head };
  await config.rememberTeam(invite.name, { ...login, invite: encodeInvite(invite), member, from });
  return head;
}
