import { AppError } from "../core/errors.ts";
import { newId } from "../platform/ids.ts";
import { type Database, type Row, type SqlValue, inTransaction } from "./database.ts";

/** The properties of a webhook that a change can modify. They contain no secret. */
export interface WebhookState {
  readonly name: string | null;
  readonly url: string;
  /** Null: unknown, because the API does not return them. */
  readonly events: string[] | null;
  readonly status: string;
  readonly description: string | null;
}

/** One change of a webhook, stored on disk before the request is sent, so that it can be reverted after any crash. */
export interface WebhookChange {
  readonly id: string;
  readonly kind: "session" | "register" | "promote" | "rollback" | "delete";
  readonly environment: string;
  readonly baseUrl: string;
  /** `null` while a creation is pending. */
  readonly webhookId: string | null;
  /** `null`: created by this program. */
  readonly before: WebhookState | null;
  readonly after: WebhookState;
  readonly onExit: "restore" | "deactivate" | "delete" | "keep";
  /** `planned`: it is unknown whether it took effect. `applied`: it did. `settled`: nothing is left to do. */
  readonly state: "planned" | "applied" | "settled";
  readonly outcome: string | null;
  /** Requests that were sent and not answered: the API may still carry out each of them. */
  readonly unanswered: number;
  /** When the last request was sent, in Unix milliseconds; null before the first. */
  readonly sentAt: number | null;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type PlannedChange = Omit<
  WebhookChange,
  "id" | "state" | "outcome" | "unanswered" | "sentAt" | "createdAt" | "updatedAt"
>;
export type ChangePatch = Partial<
  Pick<WebhookChange, "webhookId" | "state" | "outcome" | "before" | "after" | "unanswered" | "sentAt">
>;
/** Fields that must be equal; an absent one matches every change. */
export type ChangeFilter = {
  readonly [Field in "kind" | "environment" | "baseUrl" | "webhookId"]?: WebhookChange[Field] | undefined;
};

const COLUMNS = {
  kind: "kind",
  environment: "environment",
  baseUrl: "base_url",
  webhookId: "webhook_id",
} as const satisfies Record<keyof ChangeFilter, string>;

/** Access to the changes table, synchronously. Each write is on disk when it returns. */
export function openChanges(database: Database, now: () => number) {
  const insert = database.prepare(`
    INSERT INTO changes (
      id, kind, environment, base_url, webhook_id, before, after, on_exit, state, outcome, unanswered, sent_at,
      created_at, updated_at
    ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  `);

  return {
    plan(planned: PlannedChange): WebhookChange {
      const at = now();
      const change: WebhookChange = {
        id: newId("chg"),
        kind: planned.kind,
        environment: planned.environment,
        baseUrl: planned.baseUrl,
        webhookId: planned.webhookId,
        before: planned.before && stateOnly(planned.before),
        after: stateOnly(planned.after),
        onExit: planned.onExit,
        state: "planned",
        outcome: null,
        unanswered: 0,
        sentAt: null,
        createdAt: at,
        updatedAt: at,
      };
      inTransaction(database, () => insert.run(writeChange(change)));
      return change;
    },
    update(id: string, patch: ChangePatch): void {
      const sets: [column: string, value: SqlValue][] = [["updated_at", now()]];
      if (patch.webhookId !== undefined) sets.push(["webhook_id", patch.webhookId]);
      if (patch.state !== undefined) sets.push(["state", patch.state]);
      if (patch.outcome !== undefined) sets.push(["outcome", patch.outcome]);
      if (patch.before !== undefined) sets.push(["before", stateText(patch.before)]);
      if (patch.after !== undefined) sets.push(["after", stateText(patch.after)]);
      if (patch.unanswered !== undefined) sets.push(["unanswered", patch.unanswered]);
      if (patch.sentAt !== undefined) sets.push(["sent_at", patch.sentAt]);
      const update = database.prepare(
        `UPDATE changes SET ${sets.map(([column]) => `${column} = ?`).join(", ")} WHERE id = ?`,
      );
      const { changes } = inTransaction(database, () => update.run([...sets.map(([, value]) => value), id]));
      if (changes === 0) throw new AppError("internal", `there is no webhook change ${id} in the store`);
    },
  };
}

/** Queries of the changes table. */
export function changeReads(database: Database) {
  const read = (where: string, parameters: readonly SqlValue[]) =>
    database.prepare(`SELECT * FROM changes ${where}`).all(parameters).map(readChange);

  return {
    /** All unsettled changes, oldest first. */
    pending(filter: ChangeFilter): WebhookChange[] {
      const { sql, parameters } = equalities(filter);
      return read(`WHERE state <> 'settled' ${sql} ORDER BY seq`, parameters);
    },
    latest(filter: ChangeFilter): WebhookChange | undefined {
      const { sql, parameters } = equalities(filter);
      return read(`WHERE TRUE ${sql} ORDER BY seq DESC LIMIT 1`, parameters)[0];
    },
    /** The newest changes, newest first. */
    list(limit: number, filter: ChangeFilter): WebhookChange[] {
      const { sql, parameters } = equalities(filter);
      return read(`WHERE TRUE ${sql} ORDER BY seq DESC LIMIT ?`, [...parameters, limit]);
    },
  };
}

function equalities(filter: ChangeFilter): { readonly sql: string; readonly parameters: SqlValue[] } {
  const fields = (Object.keys(COLUMNS) as (keyof ChangeFilter)[]).filter((field) => filter[field] !== undefined);
  return {
    // IS, because a webhook id may be null and must then match as such.
    sql: fields.map((field) => `AND ${COLUMNS[field]} IS ?`).join(" "),
    parameters: fields.map((field) => filter[field] ?? null),
  };
}

/** Removes all other properties of the object, such as the secret that the API returns with a new webhook. */
function stateOnly({ name, url, events, status, description }: WebhookState): WebhookState {
  return { name, url, events: events && [...events], status, description };
}

function stateText(state: WebhookState | null): string | null {
  return state === null ? null : JSON.stringify(stateOnly(state));
}

function writeChange(change: WebhookChange): SqlValue[] {
  return [
    change.id,
    change.kind,
    change.environment,
    change.baseUrl,
    change.webhookId,
    stateText(change.before),
    stateText(change.after),
    change.onExit,
    change.state,
    change.outcome,
    change.unanswered,
    change.sentAt,
    change.createdAt,
    change.updatedAt,
  ];
}

function readChange(row: Row): WebhookChange {
  const text = (column: string) => (row[column] === null ? null : String(row[column]));
  const before = text("before");
  return {
    id: String(row["id"]),
    kind: row["kind"] as WebhookChange["kind"],
    environment: String(row["environment"]),
    baseUrl: String(row["base_url"]),
    webhookId: text("webhook_id"),
    before: before === null ? null : (JSON.parse(before) as WebhookState),
    after: JSON.parse(String(row["after"])) as WebhookState,
    onExit: row["on_exit"] as WebhookChange["onExit"],
    state: row["state"] as WebhookChange["state"],
    outcome: text("outcome"),
    unanswered: Number(row["unanswered"]),
    sentAt: row["sent_at"] === null ? null : Number(row["sent_at"]),
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
  };
}
