import { homedir, platform as systemPlatform } from "node:os";
import { posix, resolve, win32 } from "node:path";
import { AppError } from "../core/errors.ts";
import { invalidValue } from "../core/invalid-value.ts";

type Env = Readonly<Record<string, string | undefined>>;

const NAME = "bluum-hooks";

/**
 * The folder that contains all stored data (`config.json`, `store.db`): BLUUM_HOOKS_HOME, otherwise the platform's
 * folder for user data. It is neither created nor checked. Throws `invalid_setting` if no folder is known, as in a
 * container whose user id has no home.
 */
export function homeFolder(
  env: Env,
  platform: NodeJS.Platform = systemPlatform(),
  findHome: () => string = homedir,
): string {
  const chosen = env["BLUUM_HOOKS_HOME"];
  if (chosen !== undefined && chosen !== "") return chosenFolder(chosen);
  if (platform === "win32") {
    return win32.join(env["LOCALAPPDATA"] || win32.join(userHome(findHome, win32), "AppData", "Local"), NAME);
  }
  if (platform === "darwin") return posix.join(userHome(findHome, posix), "Library", "Application Support", NAME);
  // The XDG specification requires relative paths to be ignored.
  const data = env["XDG_DATA_HOME"] ?? "";
  return posix.join(posix.isAbsolute(data) ? data : posix.join(userHome(findHome, posix), ".local", "share"), NAME);
}

function chosenFolder(chosen: string): string {
  // Only a shell expands it; otherwise a folder of that name would be created.
  if (/^~([/\\]|$)/.test(chosen)) {
    throw invalidValue("BLUUM_HOOKS_HOME", chosen, "must be a full path: ~ is not expanded", {
      code: "invalid_setting",
      hint: "Set it to the full path, such as /home/you/bluum-hooks.",
    });
  }
  try {
    return resolve(chosen);
  } catch (cause) {
    const message = `BLUUM_HOOKS_HOME is relative (${chosen}), and the current folder has been deleted`;
    throw new AppError("invalid_setting", message, { hint: "Set it to an absolute path.", cause });
  }
}

/**
 * The user's home folder: HOME, otherwise the system's value. An empty or relative one would mean the current folder.
 */
function userHome(findHome: () => string, path: typeof posix): string {
  let home: string;
  try {
    home = findHome();
  } catch (cause) {
    throw noHome("HOME is not set, and this user has no home folder", cause);
  }
  if (path.isAbsolute(home)) return home;
  throw noHome(home === "" ? "HOME is empty" : `HOME is not an absolute path: ${home}`);
}

function noHome(why: string, cause?: unknown): AppError {
  return new AppError("invalid_setting", `cannot find your home folder: ${why}`, {
    hint: "Set BLUUM_HOOKS_HOME to a folder that you can write to.",
    cause,
  });
}
