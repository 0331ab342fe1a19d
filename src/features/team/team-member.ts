import type { Invite } from "../../team/invite.ts";
import type { LogOwner, TeamLog } from "../../team/log.ts";
import type { TeamLink } from "./team-link.ts";

/** This session as a member of the team. */
export interface TeamMember {
  readonly id: string;
  /** `user@host`. */
  readonly label: string;
  readonly invite: Invite;
  readonly log: TeamLog;
  readonly link: TeamLink;
  /** The last other member that was seen to receive. */
  readonly lastOwner: LogOwner | undefined;
  /** Reports that this member does not stand by any more, if the database can be reached. */
  standDown(): Promise<void>;
}
