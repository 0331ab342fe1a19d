// Builds the program into dist/: chunks, so that a command loads only what it needs; the main help as text; and the
// licences of everything that was bundled.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "rolldown";
import { bundling, root } from "./bundling.js";

const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const { output } = await build({
  ...bundling,
  input: { main: "src/main.ts", "ngrok-agent": "src/tunnel/ngrok-agent.ts", "store-thread": "src/store/log/thread.ts" },
  output: { dir: dist, format: "esm", chunkFileNames: "[name]-[hash].js" },
});

// `--help` is the same text every time: rendering it here keeps commander out of the start-up.
const help = execFileSync(process.execPath, [join(dist, "main.js"), "--help"], { encoding: "utf8" });
writeFileSync(join(dist, "help.txt"), help);

const packages = new Map();
for (const chunk of output) {
  for (const module of chunk.type === "chunk" ? chunk.moduleIds : []) {
    const folder = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)?.[1];
    if (folder !== undefined) packages.set(folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  }
}
const licences = [...packages].map(([folder, { name, version, license }]) => {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
  return { name, text: `## ${name} ${version} (${license})${text}\n` };
});
licences.sort((one, other) => one.name.localeCompare(other.name));
writeFileSync(
  join(root, "THIRD-PARTY-LICENSES.md"),
  `# Licences of the packages bundled into \`dist\`\n\n${licences.map(({ text }) => text).join("\n")}`,
);
