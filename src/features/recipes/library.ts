import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { nearestName } from "../../core/nearest.ts";
import { readDocument } from "./recipe-file.ts";

export interface ShippedRecipe {
  readonly name: string;
  readonly path: string;
  readonly description: string;
}

/** The recipes that are part of the program, by name. */
export async function listRecipes(folder: string): Promise<ShippedRecipe[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      const document = readDocument(await readFile(path, "utf8"));
      const description = "steps" in document ? (document.description ?? document.name ?? "") : "";
      return { name: file.slice(0, -".yaml".length), path, description };
    }),
  );
}

/**
 * The text of a recipe: of the file, or of the bundled one if there is no such file and the name has no path. Throws
 * `file_unusable`, which names the most similar bundled one.
 */
export async function findRecipe(fileOrName: string, folder: string): Promise<{ path: string; text: string }> {
  const isBare = /^[\w-]+$/.test(fileOrName);
  try {
    return { path: fileOrName, text: await readFile(fileOrName, "utf8") };
  } catch (cause) {
    const shipped = isBare ? await listRecipes(folder) : [];
    const found = shipped.find(({ name }) => name === fileOrName);
    if (found !== undefined) return { path: `${found.name}.yaml`, text: await readFile(found.path, "utf8") };
    const nearest = nearestName(
      fileOrName,
      shipped.map(({ name }) => name),
    );
    throw new AppError(
      "file_unusable",
      `the recipe ${fileOrName} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      {
        hint:
          nearest === undefined
            ? "Use a readable file, or a bundled recipe from: bluum-hooks trigger recipe --list"
            : `Did you mean the bundled recipe ${nearest}? List all with: bluum-hooks trigger recipe --list`,
        cause,
      },
    );
  }
}
