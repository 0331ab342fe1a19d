import { pathToFileURL } from "node:url";
import type { Database, Driver } from "./database.ts";
import { loadDriver } from "./driver.ts";

/** `unchecked`: the check did not end in time, or its process failed. */
export type Integrity =
  | { readonly kind: "sound" }
  | { readonly kind: "damaged"; readonly damage: string }
  | { readonly kind: "unchecked"; readonly reason: string };

/** SQLite's READONLY and CANTOPEN. */
const NEEDS_WRITING: readonly (number | undefined)[] = [8, 14];

/** Reads a whole database to find damage. It cannot be interrupted. */
export function quickCheck(file: string): Integrity {
  try {
    const driver = loadDriver();
    const database = openToRead(driver, file);
    try {
      const damage = String(Object.values(database.prepare("PRAGMA quick_check(1)").get([]) ?? {})[0]);
      return damage === "ok" ? { kind: "sound" } : { kind: "damaged", damage };
    } finally {
      database.close();
    }
  } catch (error) {
    return { kind: "unchecked", reason: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * In a read-only folder, SQLite reads a file without a write-ahead log only if it may assume that the file does not
 * change. Some versions of Node accept a path only, and no URI.
 */
function openToRead(driver: Driver, path: string): Database {
  const { href } = pathToFileURL(path);
  return tryOpen(driver, `${href}?mode=ro`) ?? tryOpen(driver, `${href}?immutable=1`) ?? driver.open(path);
}

function tryOpen(driver: Driver, name: string): Database | undefined {
  let database: Database | undefined;
  try {
    database = driver.open(name);
    database.prepare("PRAGMA user_version").get([]);
    return database;
  } catch (error) {
    database?.close();
    if (NEEDS_WRITING.includes(driver.resultCode(error))) return undefined;
    throw error;
  }
}
