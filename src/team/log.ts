import type { TeamDatabase } from "./database.ts";
import type { Invite } from "./invite.ts";
import { logReplaced, logTooNew, logTooOld } from "./log-errors.ts";
import { CHANNEL, SCHEMA_VERSION } from "./schema.ts";

/** A sealed delivery, as it is stored. */
export interface SealedDelivery {
  readonly id: string;
  readonly sealed: Buffer;
}

export interface LogRow extends SealedDelivery {
  readonly seq: number;
  readonly keyId: string;
}

/** What the log knows of the member that reports. */
export interface MemberReport {
  readonly member: string;
  readonly label: string;
  readonly client: string;
  /** The last delivery that it has stored. */
  readonly position: number;
  /** Whether it takes over if the owner stops. */
  readonly isStandby: boolean;
  /** How many deliveries its app has accepted and not accepted in this session. */
  readonly appOk: number;
  readonly appFailed: number;
}

export interface LogOwner {
  readonly member: string;
  readonly label: string;
  /** Unix milliseconds, by the server's clock. */
  readonly since: number;
  readonly term: number;
}

export interface LogState {
  /** The last delivery, and the last one that has expired. */
  readonly head: number;
  readonly tail: number;
  /** Undefined if nobody receives. */
  readonly owner: LogOwner | undefined;
}

export interface MemberState {
  readonly id: string;
  readonly label: string;
  readonly client: string;
  readonly position: number;
  readonly isStandby: boolean;
  readonly appOk: number;
  readonly appFailed: number;
  /** How long ago it has reported, in milliseconds by the server's clock. */
  readonly seenAgoMs: number;
}

/** How many deliveries one read or append contains at most, and about how many bytes. */
export const PAGE_ROWS = 500;
export const PAGE_BYTES = 4 * 1024 * 1024;
/** A member that reported within this time is running. */
export const ALIVE_MS = 20_000;

interface StateRow {
  log: string;
  head: string;
  tail: string;
  min_client: number;
  owner_member: string | null;
  owner_label: string | null;
  owner_since: Date | null;
  owner_term: string | null;
  is_owned: boolean;
}

/** The shared log of one team, as one member uses it. Every method throws an `AppError`. */
export class TeamLog {
  readonly invite: Pick<Invite, "name" | "log">;
  readonly #database: TeamDatabase;
  readonly #stream: string;

  private constructor(database: TeamDatabase, stream: string, invite: Pick<Invite, "name" | "log">) {
    this.#database = database;
    this.#stream = stream;
    this.invite = invite;
  }

  /** Throws `team_log_replaced`, `team_log_too_old`, `team_log_too_new` and what the database refuses. */
  static async open(database: TeamDatabase, invite: Pick<Invite, "name" | "log">): Promise<TeamLog> {
    const [meta] = await database.query<{ version: number; min_client: number }>(
      "select version, min_client from bluum_hooks.meta",
    );
    if (meta === undefined || meta.version < SCHEMA_VERSION) throw logTooOld();
    if (meta.min_client > SCHEMA_VERSION) throw logTooNew();
    const [stream] = await database.query<{ id: string; log: string }>(
      "select id, log from bluum_hooks.stream where name = $1",
      [invite.name],
    );
    if (stream?.log !== invite.log) throw logReplaced(invite.name);
    return new TeamLog(database, stream.id, invite);
  }

  /** Stores deliveries that are not stored yet, in this order; returns the last `seq`. Repeating it is harmless. */
  async append(keyId: string, deliveries: readonly SealedDelivery[]): Promise<number> {
    const [row] = await this.#database.query<{ head: string }>(
      "select bluum_hooks.append_v1($1, $2::text[], $3, $4::text[]) as head",
      [this.#stream, deliveries.map(({ id }) => id), keyId, deliveries.map(({ sealed }) => sealed.toString("base64"))],
    );
    return Number(row?.head);
  }

  /** The next deliveries after this one. Only an empty page means that there is none: the size limits a page too. */
  async page(after: number): Promise<LogRow[]> {
    const rows = await this.#database.query<{ seq: string; id: string; key_id: string; sealed: Buffer }>(
      `select seq, id, key_id, sealed from (
        select *, sum(size) over (order by seq) total from (
          select * from bluum_hooks.delivery where stream_id = $1 and seq > $2 order by seq limit ${PAGE_ROWS}
        ) a
      ) b where total - size < ${PAGE_BYTES} order by seq`,
      [this.#stream, after],
    );
    return rows.map(({ seq, id, key_id: keyId, sealed }) => ({ seq: Number(seq), id, keyId, sealed }));
  }

  /** The last delivery that was stored before the last so many milliseconds, by the server's clock. */
  async seqBefore(agoMs: number): Promise<number> {
    const [row] = await this.#database.query<{ seq: string }>(
      `select coalesce(
        (select min(seq) - 1 from bluum_hooks.delivery
          where stream_id = $1 and stored_at >= clock_timestamp() - make_interval(secs => $2)),
        (select head from bluum_hooks.stream where id = $1)
      ) as seq`,
      [this.#stream, agoMs / 1_000],
    );
    return Number(row?.seq);
  }

  /** Reports this member's position, and returns the state of the log. */
  async report(report: MemberReport): Promise<LogState> {
    const { member, label, client, position, isStandby, appOk, appFailed } = report;
    const [row] = await this.#database.query<StateRow>(
      "select * from bluum_hooks.report_v1($1, $2::uuid, $3, $4, $5, $6, $7, $8)",
      [this.#stream, member, label, client, position, isStandby, appOk, appFailed],
    );
    return this.#state(row);
  }

  /** The state of the log, for a command that is no member's session. */
  async state(): Promise<LogState> {
    const [row] = await this.#database.query<StateRow>(
      `select t.log, t.head, t.tail, x.min_client, o.member as owner_member, o.label as owner_label,
        o.since as owner_since, o.term as owner_term, coalesce(o.until > clock_timestamp(), false) as is_owned
      from bluum_hooks.stream t cross join bluum_hooks.meta x left join bluum_hooks.owner o on o.stream_id = t.id
      where t.id = $1`,
      [this.#stream],
    );
    return this.#state(row);
  }

  async members(): Promise<MemberState[]> {
    const rows = await this.#database.query<{
      id: string;
      label: string;
      client: string;
      seq: string;
      standby: boolean;
      app_ok: string;
      app_failed: string;
      ago: number;
    }>(
      `select id, label, client, seq, standby, app_ok, app_failed,
        extract(epoch from clock_timestamp() - seen_at)::float8 as ago
      from bluum_hooks.member where stream_id = $1 order by label, id`,
      [this.#stream],
    );
    return rows.map((row) => ({
      id: row.id,
      label: row.label,
      client: row.client,
      position: Number(row.seq),
      isStandby: row.standby,
      appOk: Number(row.app_ok),
      appFailed: Number(row.app_failed),
      seenAgoMs: row.ago * 1_000,
    }));
  }

  /** Takes or extends the lease to receive. The term, or undefined if it is another member's. */
  async claim(member: string, label: string, seconds: number, isForced = false): Promise<number | undefined> {
    const [row] = await this.#database.query<{ term: string | null }>(
      "select bluum_hooks.claim_v1($1, $2::uuid, $3, $4, $5) as term",
      [this.#stream, member, label, seconds, isForced],
    );
    return row?.term == null ? undefined : Number(row.term);
  }

  async release(member: string, term: number): Promise<void> {
    await this.#database.query("select bluum_hooks.release_v1($1, $2::uuid, $3)", [this.#stream, member, term]);
  }

  /** Stores the sealed webhook; false if this term is over. */
  async setWebhook(member: string, term: number, sealed: Buffer): Promise<boolean> {
    const [row] = await this.#database.query<{ is_set: boolean }>(
      "select bluum_hooks.set_webhook_v1($1, $2::uuid, $3, $4) as is_set",
      [this.#stream, member, term, sealed],
    );
    return row?.is_set === true;
  }

  async webhook(): Promise<Buffer | undefined> {
    const [row] = await this.#database.query<{ webhook: Buffer | null }>(
      "select webhook from bluum_hooks.stream where id = $1",
      [this.#stream],
    );
    return row?.webhook ?? undefined;
  }

  /** Deletes some of what has expired, and returns how many. */
  async prune(): Promise<number> {
    const [row] = await this.#database.query<{ count: string }>("select bluum_hooks.prune_v1($1) as count", [
      this.#stream,
    ]);
    return Number(row?.count);
  }

  /** Removes a member from the list. */
  async leave(member: string): Promise<void> {
    await this.#database.query("select bluum_hooks.leave_v1($1, $2::uuid)", [this.#stream, member]);
  }

  /** Deletes the log with everything in it. Needs the rights of the user who created it. */
  async drop(): Promise<void> {
    await this.#database.query("delete from bluum_hooks.stream where id = $1", [this.#stream]);
  }

  /** Calls back with the new head, or `owner` if the owner may have changed, or with the text of `echo`. */
  listen(onNotify: (what: string) => void, onListening: () => void): void {
    const prefix = `${this.#stream}:`;
    this.#database.listen(
      CHANNEL,
      (payload) => {
        if (payload.startsWith(prefix)) onNotify(payload.slice(prefix.length));
      },
      onListening,
    );
  }

  /** Sends a notification to everybody who listens, this client included. */
  async echo(text: string): Promise<void> {
    await this.#database.query("select pg_notify($1, $2)", [CHANNEL, `${this.#stream}:${text}`]);
  }

  #state(row: StateRow | undefined): LogState {
    if (row?.log !== this.invite.log) throw logReplaced(this.invite.name);
    if (row.min_client > SCHEMA_VERSION) throw logTooNew();
    const { owner_member: member, owner_label: label, owner_since: since, owner_term: term } = row;
    return {
      head: Number(row.head),
      tail: Number(row.tail),
      owner:
        row.is_owned && member !== null
          ? { member, label: label ?? "", since: since?.getTime() ?? 0, term: Number(term) }
          : undefined,
    };
  }
}
