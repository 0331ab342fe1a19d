import { chownSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { AppError } from "../core/errors.ts";
import { isUnwritable } from "../platform/folder.ts";
import type { ConfigFile } from "./profile.ts";

/** Extension of the file until it is complete. */
const NEW_EXTENSION = "new";

/** Prepares a write, because the library is loaded asynchronously and the lock is held synchronously. */
export async function configWriter(path: string): Promise<(file: ConfigFile) => void> {
  const { default: Conf } = await import("conf");
  return (file) => {
    // The file may be a symbolic link, and a rename would replace the link.
    const target = realPath(path);
    const written = `${target}.${NEW_EXTENSION}`;
    const text = JSON.stringify(file, undefined, "\t");
    try {
      rmSync(written, { force: true });
      new Conf({
        cwd: dirname(target),
        configName: basename(target),
        fileExtension: NEW_EXTENSION,
        configFileMode: 0o600,
        accessPropertiesByDotNotation: false,
        serialize: () => text,
      }).store = file;
      // conf ignores how much was written: when the disk becomes full it reports success for a truncated file.
      if (readFileSync(written, "utf8") !== text) throw incomplete(path);
      keepOwner(target, written);
      renameSync(written, target);
    } catch (error) {
      rmSync(written, { force: true });
      throw error;
    }
  };
}

/** Whether a file of the config folder is the partial write of a killed process. */
export function isUnfinishedConfig(name: string): boolean {
  return name.startsWith("config.json.tmp-") || name.startsWith(`config.json.${NEW_EXTENSION}`);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A file that root changes keeps its owner. */
function keepOwner(from: string, to: string): void {
  const old = statSync(from, { throwIfNoEntry: false });
  if (old === undefined || old.uid === statSync(to).uid) return;
  try {
    chownSync(to, old.uid, old.gid);
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

function incomplete(path: string): AppError {
  return new AppError("file_unusable", `the config file cannot be written completely; it is unchanged\n${path}`, {
    hint: "Free some disk space.",
  });
}
