import { lstat, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";
import { AppError } from "../../core/errors.ts";

/** Throws `file_unusable` if a link of the project leads the file to a place outside its folder, or nowhere. */
export async function requireInside(folder: string, file: string): Promise<void> {
  const root = await realpath(folder);
  for (let at = join(root, file); at !== root; at = dirname(at)) {
    if ((await lstat(at).catch(() => undefined)) === undefined) continue;
    const way = relative(root, await realpath(at).catch(() => dirname(root)));
    if (way !== "" && !/^\.\.($|[\\/])/.test(way) && !isAbsolute(way)) return;
    throw new AppError("file_unusable", `${file} is a link to a place outside this folder`, {
      hint: `Remove the link ${relative(root, at)}, and run init again.`,
    });
  }
}
