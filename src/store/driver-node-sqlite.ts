import { createRequire } from "node:module";
import nodeProcess from "node:process";
import type { Database, Driver, Row, SqlValue } from "./database.ts";

/** The part of `node:sqlite` in use; @types/node for Node 20 does not declare the module. */
interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => {
    exec(sql: string): void;
    prepare(sql: string): {
      run(...parameters: readonly SqlValue[]): {
        readonly changes: number | bigint;
        readonly lastInsertRowid: number | bigint;
      };
      get(...parameters: readonly SqlValue[]): Row | undefined;
      all(...parameters: readonly SqlValue[]): Row[];
    };
    close(): void;
  };
}

/** Node's own SQLite, or undefined if this version of Node has none. */
export function loadNodeSqlite(): Driver | undefined {
  const sqlite = requireQuietly();
  if (sqlite === undefined) return undefined;
  return {
    name: "node:sqlite",
    open: (file) => connect(new sqlite.DatabaseSync(file)),
    resultCode: (error) => {
      const code = (error as { errcode?: unknown } | null)?.errcode;
      // The store does not need the extended code in the high bits.
      return typeof code === "number" ? code & 0xff : undefined;
    },
  };
}

function connect(database: InstanceType<NodeSqlite["DatabaseSync"]>): Database {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run(parameters) {
          const { changes, lastInsertRowid } = statement.run(...parameters);
          return { changes: Number(changes), lastRowId: Number(lastInsertRowid) };
        },
        get: (parameters) => statement.get(...parameters),
        all: (parameters) => statement.all(...parameters),
      };
    },
    close: () => database.close(),
  };
}

/**
 * Node 22 warns on stderr that its SQLite is experimental, which is of no use to users of this program. The warning
 * is emitted while the module loads, and loading is synchronous: only this kind of warning is suppressed, and only
 * during loading. A `require` also keeps bundlers from processing a module that Node 20 lacks.
 */
function requireQuietly(): NodeSqlite | undefined {
  const original = Object.getOwnPropertyDescriptor(nodeProcess, "emitWarning");
  const emitWarning = nodeProcess.emitWarning.bind(nodeProcess) as (...given: readonly unknown[]) => void;
  nodeProcess.emitWarning = (...given: readonly unknown[]) => {
    if (given[1] !== "ExperimentalWarning") emitWarning(...given);
  };
  try {
    return createRequire(import.meta.url)("node:sqlite") as NodeSqlite;
  } catch {
    return undefined;
  } finally {
    if (original !== undefined) Object.defineProperty(nodeProcess, "emitWarning", original);
  }
}
