import { readFile } from "node:fs/promises";
import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";

type Stdin = Pick<Context, "readStdin" | "isInteractive">;

/**
 * The exact bytes of a file; `-` is standard input, and so is no name where something is piped in. Throws `file_unusable`,
 * or `invalid_usage` where nothing is named and somebody sits at the terminal.
 */
export async function readBytes(path: string | undefined, context: Stdin): Promise<Buffer> {
  if (path === undefined && context.isInteractive) {
    throw new AppError("invalid_usage", "no file is named, and nothing is piped in", {
      hint: "Name a file that holds the payload, or - to type it in.",
    });
  }
  if (path === undefined || path === "-") return context.readStdin();
  try {
    return await readFile(path);
  } catch (cause) {
    throw new AppError("file_unusable", `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`, {
      hint: "Name a file that exists and that you may read.",
      cause,
    });
  }
}
