import type { Context } from "../../context.ts";
import type { FactBus } from "../../delivery/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { LockHolder, Store } from "../../store/store.ts";
import type { TeamTimes } from "../../team/times.ts";
import type { JoinedTeam } from "./joined-team.ts";

export interface TeamOptions {
  readonly team: JoinedTeam;
  /** False: this session only follows. */
  readonly mayReceive: boolean;
  /** Whether the user has agreed to replace the member that receives. */
  readonly isTakeover: boolean;
  readonly hasApp: boolean;
  /** Only what was stored in the log within this time is forwarded. */
  readonly forwardedAgeMs: number | undefined;
  readonly askedEvents: readonly string[] | undefined;
  /** How deliveries of the log are re-signed; undefined: they are forwarded as received. */
  readonly resigning: { readonly ownSecrets: readonly string[] } | undefined;
}

export interface TeamDeps extends Pick<Context, "openTeamDatabase" | "version" | "secrets"> {
  readonly store: Store;
  readonly bus: FactBus;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly holder: LockHolder;
  readonly whoami: string;
  readonly times: TeamTimes;
}
