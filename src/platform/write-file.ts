import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { AppError } from "../core/errors.ts";

/**
 * Writes a whole file atomically: a reader never sees half of it, and after a failure the old content remains. A pipe
 * or a device such as /dev/stdout is written directly. No folder is created. Throws `file_unusable`; `what` names the
 * file's purpose.
 */
export async function writeWholeFile(path: string, text: string, what: string): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    const found = await stat(target).catch(() => undefined);
    if (found === undefined || found.isFile()) await replaceFile(target, text, found?.mode);
    else await writeFile(target, text);
  } catch (cause) {
    throw unusable(path, what, cause);
  }
}

/**
 * Throws `file_unusable`, as `writeWholeFile` would later, if the file cannot be written: before work whose result
 * would be lost. An existing file stays unchanged.
 */
export async function proveWritable(path: string, what: string): Promise<void> {
  try {
    const target = await realpath(path).catch(() => path);
    const found = await stat(target).catch(() => undefined);
    if (found?.isDirectory() === true) throw new Error("it is a folder");
    if (found !== undefined && !found.isFile()) return await access(target, constants.W_OK);
    const temporary = temporaryBeside(target);
    await (await open(temporary, "wx")).close();
    await rm(temporary, { force: true });
  } catch (cause) {
    throw unusable(path, what, cause);
  }
}

function unusable(path: string, what: string, cause: unknown): AppError {
  return new AppError("file_unusable", `${what} cannot be written to ${path}: ${(cause as Error).message}`, {
    hint: "Choose a file in a folder that exists and is writable.",
    cause,
  });
}

function temporaryBeside(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}.tmp`;
}

async function replaceFile(path: string, text: string, mode = 0o666): Promise<void> {
  const temporary = temporaryBeside(path);
  const file = await open(temporary, "wx", mode & 0o777);
  try {
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
}
