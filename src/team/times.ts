/** How the lease is kept: every member of a team must use the same. */
export interface LeaseTimes {
  readonly leaseSeconds: number;
  /** How long a member that was replaced goes on receiving: Bluum may still send to it. */
  readonly keepReceivingMs: number;
  /** How long a takeover that failed is not tried again. */
  readonly retryMs: number;
}

export interface TeamTimes extends LeaseTimes {
  /** Between two reports of a member, if notifications of the database arrive. */
  readonly beatMs: number;
  /** The same if they do not, as behind a pooler. */
  readonly pollMs: number;
  /** How long the end of a session waits for the last deliveries to be shipped. */
  readonly drainMs: number;
}

export const TEAM_TIMES: TeamTimes = {
  beatMs: 5_000,
  pollMs: 1_000,
  leaseSeconds: 20,
  keepReceivingMs: 60_000,
  retryMs: 30_000,
  drainMs: 5_000,
};
