import { randomUUID } from "node:crypto";
import type { Environment } from "../core/environments.ts";
import type { TeamDatabase } from "./database.ts";
import { logReplaced } from "./log-errors.ts";
import { MIGRATION } from "./schema.ts";

/** Creates the tables or upgrades them, and the log of this name unless there is one. */
export async function createLog(
  database: TeamDatabase,
  { name, environment }: { readonly name: string; readonly environment: Environment },
): Promise<{ readonly log: string; readonly environment: string; readonly isNew: boolean }> {
  await database.script(MIGRATION);
  const proposed = randomUUID();
  await database.query(
    "insert into bluum_hooks.stream (name, environment, log) values ($1, $2, $3::uuid) on conflict (name) do nothing",
    [name, environment, proposed],
  );
  const [stream] = await database.query<{ log: string; environment: string }>(
    "select log, environment from bluum_hooks.stream where name = $1",
    [name],
  );
  if (stream === undefined) throw logReplaced(name);
  return { ...stream, isNew: stream.log === proposed };
}
