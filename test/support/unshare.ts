import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";

/** Commands that run the one after them in another environment, each by `unshare` of util-linux. */

/** With a read-only file system in these folders. */
export function readOnlyMount(...folders: readonly string[]): string[] {
  const count = folders.length;
  const script = `i=${count}; while [ $i -gt 0 ]; do mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99; shift; i=$((i-1)); done; exec "$@"`;
  return ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", ...folders];
}

/** As a user id without a name and a home, which owns this user's files and is subject to file modes. */
export const NAMELESS_USER: readonly string[] = ["unshare", "--user", "--map-user=12345", "--map-group=12345"];

/**
 * As the first process, with everything read-only but one folder, and as a nameless user. A signal reaches it only if
 * it has a handler, as in a container.
 */
export function container(writable: string): string[] {
  const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro / || exit 99; shift; exec "$@"`;
  const namespaces = ["unshare", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"];
  return [...namespaces, "sh", "-c", script, "sh", writable, ...NAMELESS_USER];
}

const works = ([command = "", ...words]: readonly string[]) => spawnSync(command, [...words, "true"]).status === 0;

/** Only Linux has it, and not every container allows it. */
export const CAN_CONTAIN = process.platform === "linux" && works(container(tmpdir()));
export const CAN_UNSHARE = process.platform === "linux" && works(readOnlyMount(tmpdir())) && works(NAMELESS_USER);
