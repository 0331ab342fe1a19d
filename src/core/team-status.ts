/** A member of a team, as `team status` shows it. */
export interface TeamMemberStatus {
  readonly label: string;
  readonly isThisMachine: boolean;
  /** `away`: no session of it has reported for a while. */
  readonly role: "owner" | "standby" | "follower" | "away";
  /** The last delivery that it has stored, and how many it has not. */
  readonly position: number;
  readonly behind: number;
  readonly seenAgoMs: number;
  /** Results of its app in its last session. */
  readonly app: { readonly ok: number; readonly failed: number };
  readonly version: string;
}

/** The state of a team's log. */
export interface TeamStatus {
  readonly name: string;
  readonly environment: string;
  /** Without user and password. */
  readonly database: string;
  /** The name of the key. */
  readonly key: string;
  /** The number of the last delivery. */
  readonly head: number;
  /** How many deliveries the log contains. */
  readonly stored: number;
  /** Null if nobody receives. */
  readonly owner: { readonly label: string; readonly since: string } | null;
  /** How many deliveries this machine has received and not yet sent to the log. */
  readonly waitingHere: number;
  /** Whether notifications of the database reach this machine; without them, a session polls. */
  readonly hasNotifications: boolean;
  readonly members: readonly TeamMemberStatus[];
}
