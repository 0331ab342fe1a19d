import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

/** Every page for users or contributors, by its path from the root of the project. */
export function documentation(): { readonly path: string; readonly text: string }[] {
  const inFolder = (folder: string) =>
    readdirSync(new URL(folder, ROOT), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md") && !file.includes("node_modules"))
      .map((file) => `${folder}${file}`);
  const paths = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].concat(
    ["docs/", "bench/", "examples/", "findings/", "skills/"].flatMap(inFolder),
  );
  return paths.map((path) => ({ path, text: readFileSync(new URL(path, ROOT), "utf8") }));
}
