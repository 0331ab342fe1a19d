import { AppError } from "../core/errors.ts";
import { loadLibsql } from "./driver-libsql.ts";
import { loadNodeSqlite } from "./driver-node-sqlite.ts";
import type { Driver } from "./database.ts";

/** Node's own SQLite if the runtime has it (22.13 and later), else libsql. Throws `store_driver_missing`. */
export function loadDriver(): Driver {
  const driver = loadNodeSqlite() ?? loadLibsql();
  if (driver !== undefined) return driver;
  throw new AppError("store_driver_missing", "this Node.js has no SQLite, and the package libsql could not be loaded", {
    hint: "Update Node.js to 22.13 or later, or install again without --omit=optional.",
  });
}
