import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DELIVERY_PATH } from "../../core/defaults.ts";

/** What the examples use, and a project may replace. */
const EXAMPLE_PORT = /(?<!\d)3000(?!\d)/g;
const EXAMPLE_PATH = DELIVERY_PATH.slice(1);

/** Their README is part of this program's documentation, and not of a project. */
const README_NOTE = ": see README.md.";

/** What `npm install` and the build of an example create. */
const BUILT = new Set(["node_modules", ".next", "dist", "__pycache__"]);

export interface ExampleFile {
  /** Relative to the project, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** The files of an example for another port and path, without its README. */
export function exampleFiles(
  folder: string,
  { port, path }: { readonly port: number; readonly path: string },
): ExampleFile[] {
  const adapted = (text: string) => text.replaceAll(EXAMPLE_PATH, path.slice(1));
  const visit = (within: string): ExampleFile[] =>
    readdirSync(join(folder, within), { withFileTypes: true })
      .filter(({ name }) => !BUILT.has(name) && !/^README|\.db/.test(name))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
      .flatMap((entry) => {
        const name = within === "" ? entry.name : `${within}/${entry.name}`;
        if (entry.isDirectory()) return visit(name);
        const text = adapted(readFileSync(join(folder, name), "utf8"));
        return [{ path: adapted(name), text: text.replaceAll(EXAMPLE_PORT, String(port)).replace(README_NOTE, ".") }];
      });
  return visit("");
}
