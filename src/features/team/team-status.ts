import { randomUUID } from "node:crypto";
import type { TeamStatus } from "../../core/team-status.ts";
import { LinkedAbort } from "../../platform/abort.ts";
import type { Clock } from "../../platform/clock.ts";
import { shownAddress } from "../../team/database-url.ts";
import type { TeamStore } from "../../store/store.ts";
import type { TeamDatabase } from "../../team/database.ts";
import { ALIVE_MS, TeamLog } from "../../team/log.ts";
import type { JoinedTeam } from "./joined-team.ts";

export interface StatusDeps {
  readonly database: TeamDatabase;
  readonly store: Pick<TeamStore, "waiting">;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
}

/** The state of a team's log and of its members, for `team status`. */
export async function readTeamStatus({ invite, stored }: JoinedTeam, deps: StatusDeps): Promise<TeamStatus> {
  const { database, store } = deps;
  const log = await TeamLog.open(database, invite);
  const hasNotifications = await receivesNotifications(log, deps);
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
    waitingHere: await store.waiting(invite.log),
    hasNotifications,
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

/** How long a notification may take to come back. */
const ECHO_MS = 2_000;

/** Sends a notification to this machine: a pooler accepts the subscription, and never delivers. */
async function receivesNotifications(log: TeamLog, { clock, signal }: StatusDeps): Promise<boolean> {
  using deadline = new LinkedAbort(signal);
  const text = `echo ${randomUUID()}`;
  const arrived = new Promise<true>((resolve, reject) => {
    log.listen(
      (what) => what === text && resolve(true),
      () => void log.echo(text).catch(reject),
    );
  });
  const late = clock.sleep(ECHO_MS, deadline.signal).then(() => false);
  try {
    return await Promise.race([arrived, late]);
  } finally {
    late.catch(() => {});
    deadline.abort(new Error("the notification has arrived"));
  }
}
