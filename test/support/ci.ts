import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../docs/ci.md", import.meta.url), "utf8");

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

/** The configurations in docs/ci.md: for GitHub, and for GitLab. */
export const yamlBlocks = () => blocks("yaml");

/** The scripts in docs/ci.md: the one that `exec` runs, and the one with a listener of its own. */
export const shellBlocks = () => blocks("sh");
