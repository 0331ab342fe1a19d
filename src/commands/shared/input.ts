import { readFile } from "node:fs/promises";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";

type Stdin = Pick<Context, "readStdin" | "isInteractive">;

/**
 * The exact bytes of a file; `-` is standard input, which is also the default if it is a pipe. Throws
 * `file_unusable`, or `invalid_usage` without a file on an interactive terminal.
 */
export async function readBytes(path: string | undefined, context: Stdin): Promise<Buffer> {
  if (path === undefined && context.isInteractive) {
    throw new AppError("invalid_usage", "no payload: no file and no standard input", {
      hint: "Add a file, or - to type the payload.",
    });
  }
  if (path === undefined || path === "-") return context.readStdin();
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AppError("file_unusable", `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: "Check that the file exists and is readable.",
      cause,
    });
  }
}
