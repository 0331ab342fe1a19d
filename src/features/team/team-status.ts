import type { TeamStatus } from "../../core/team-status.ts";
import { shownAddress } from "../../team/database-url.ts";
import type { TeamDatabase } from "../../team/database.ts";
import { ALIVE_MS, TeamLog } from "../../team/log.ts";
import type { JoinedTeam } from "./joined-team.ts";

/** The state of a team's log and of its members, for `team status`. */
export async function readTeamStatus({ invite, stored }: JoinedTeam, database: TeamDatabase): Promise<TeamStatus> {
  const log = await TeamLog.open(database, invite);
  const { head, tail, owner } = await log.state();
  const members = await log.members();
  const { name, environment, key } = invite;
  return {
    name,
    environment,
    database: shownAddress(database.address),
    key: key.id,
    head,
    stored: head - tail,
    owner: owner === undefined ? null : { label: owner.label, since: new Date(owner.since).toISOString() },
    members: members.map(({ id, label, client, position, isStandby, appOk, appFailed, seenAgoMs }) => {
      const isLive = seenAgoMs < ALIVE_MS;
      return {
        label,
        isThisMachine: id === stored.member,
        role: !isLive ? "away" : id === owner?.member ? "owner" : isStandby ? "standby" : "follower",
        position,
        behind: Math.max(0, head - position),
        seenAgoMs: Math.round(seenAgoMs),
        app: { ok: appOk, failed: appFailed },
        version: client,
      };
    }),
  };
}
