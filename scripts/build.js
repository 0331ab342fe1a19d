// Builds the program into dist/: chunks, so that a command loads only what it needs; the main help as text; and the
// licences of everything that was bundled.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const { output } = await build({
  cwd: root,
  input: { main: "src/main.ts", "ngrok-agent": "src/tunnel/ngrok-agent.ts", "store-thread": "src/store/log/thread.ts" },
  platform: "node",
  external: ["libsql", "@ngrok/ngrok"],
  // conf's file writer hooks every signal through this package and raises it once more, which our own handler would take
  // for a second Ctrl-C. What it tidies up are temporary files of writes that no signal can interrupt: they are synchronous.
  resolve: {
    alias: {
      "when-exit": join(root, "scripts/no-exit-hooks.js"),
      // Its main file is UMD, whose inner calls of require a bundler cannot follow.
      "jsonc-parser": join(root, "node_modules/jsonc-parser/lib/esm/main.js"),
    },
  },
  transform: { target: "node20.19" },
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
