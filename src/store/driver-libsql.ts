import { createRequire } from "node:module";
import type { Database, Driver, Row, SqlValue } from "./database.ts";

/** The part of `libsql` in use. Its own types use `any` and describe another library. */
type Libsql = new (file: string) => {
  exec(sql: string): void;
  prepare(sql: string): {
    run(parameters: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
    get(parameters: readonly SqlValue[]): LibsqlRow | undefined;
    all(parameters: readonly SqlValue[]): LibsqlRow[];
  };
  close(): void;
};
type LibsqlRow = Readonly<Record<string, SqlValue | ArrayBuffer>>;

/** The optional package, or undefined if it is not installed or has no binary for this machine. */
export function loadLibsql(): Driver | undefined {
  let Libsql: Libsql;
  try {
    Libsql = createRequire(import.meta.url)("libsql") as Libsql;
  } catch {
    return undefined;
  }
  return {
    name: "libsql",
    open: (file) => connect(new Libsql(file)),
    resultCode,
  };
}

function connect(database: InstanceType<Libsql>): Database {
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql);
      return {
        run(parameters) {
          const { changes, lastInsertRowid } = statement.run(parameters);
          return { changes, lastRowId: lastInsertRowid };
        },
        get(parameters) {
          const row = statement.get(parameters);
          return row === undefined ? undefined : plain(row);
        },
        all: (parameters) => statement.all(parameters).map(plain),
      };
    },
    close: () => database.close(),
  };
}

/**
 * Corrects two properties of libsql: `_metadata` among the columns of `get`, and an ArrayBuffer for a blob of `all`.
 */
function plain(row: LibsqlRow): Row {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([column]) => column !== "_metadata")
      .map(([column, value]) => [column, value instanceof ArrayBuffer ? new Uint8Array(value) : value]),
  );
}

function resultCode(error: unknown): number | undefined {
  const { rawCode, message } = error as { rawCode?: unknown; message?: unknown };
  if (typeof rawCode === "number") return rawCode & 0xff;
  // For a file that cannot be opened there is only a message: `ConnectionFailed("Unable to open … : 14")`.
  const code = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(String(message))?.[1];
  return code === undefined ? undefined : Number(code) & 0xff;
}
