import { homedir, platform as systemPlatform } from "node:os";
import { posix, resolve, win32 } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

const NAME = "bluum-hooks";

/**
 * The one folder that holds everything this program keeps (`config.json`, `store.db`): BLUUM_HOOKS_HOME, else where the
 * platform keeps a user's data.
 */
export function homeFolder(env: Env, platform: NodeJS.Platform = systemPlatform(), home: string = homedir()): string {
  const chosen = env["BLUUM_HOOKS_HOME"];
  if (chosen !== undefined && chosen !== "") return resolve(chosen);
  if (platform === "darwin") return posix.join(home, "Library", "Application Support", NAME);
  if (platform === "win32") return win32.join(env["LOCALAPPDATA"] || win32.join(home, "AppData", "Local"), NAME);
  // The XDG specification has relative paths ignored.
  const data = env["XDG_DATA_HOME"] ?? "";
  return posix.join(posix.isAbsolute(data) ? data : posix.join(home, ".local", "share"), NAME);
}
