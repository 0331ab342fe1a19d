// Builds the program into dist/: chunks, so that a command loads only what it needs; the page of the inspector; the help of every
// command as text; and the licences of everything that was bundled.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "rolldown";
import { builtinsOnFirstUse } from "./builtins.js";
import { bundling, root } from "./bundling.js";
import { codeSplitting } from "./chunks.js";
import { helpTexts } from "./help-texts.js";
import { buildInspectorPage } from "./inspector-page.js";
import { manPage } from "./man-page.js";

const dist = join(root, "dist");

/** Less to read, and to keep in memory. The names in a stack trace remain those of the sources. */
const minify = {
  compress: { keepNames: { function: true, class: true } },
  mangle: { keepNames: true },
  codegen: true,
};

rmSync(dist, { recursive: true, force: true });
const { output } = await build({
  ...bundling,
  input: {
    main: "src/main.ts",
    cli: "src/cli.ts",
    "ngrok-agent": "src/tunnel/ngrok-agent.ts",
    "program-agent": "src/tunnel/program-agent.ts",
    "store-check": "src/store/check-process.ts",
    "store-thread": "src/store/log/thread.ts",
    "inspector-thread": "src/features/inspector/thread.ts",
  },
  output: {
    dir: dist,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name]-[hash].cjs",
    codeSplitting,
    comments: false,
    plugins: [builtinsOnFirstUse],
    minify,
  },
});
await build({
  ...bundling,
  input: "src/entry.ts",
  output: { file: join(dist, "entry.cjs"), format: "cjs", comments: false, minify },
});

const page = await buildInspectorPage(dist);

const { buildProgram } = await import(pathToFileURL(join(dist, "cli.cjs")).href);
mkdirSync(join(dist, "help"));
for (const [words, text] of await helpTexts(buildProgram)) {
  const path = words === "" ? [] : words.split(" ");
  writeFileSync(join(dist, "help", `${["bluum-hooks", ...path].join(".")}.txt`), text);
}

const own = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
writeFileSync(join(dist, "bluum-hooks.1"), await manPage(buildProgram, own.version));

const packages = new Map();
for (const { moduleIds } of [...output.filter(({ type }) => type === "chunk"), page]) {
  for (const module of moduleIds) {
    const folder = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)?.[1];
    if (folder !== undefined) packages.set(folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  }
}
// The packages in `dist` are declared, so that adding or removing one is a decision and not an accident.
const taken = [...new Set([...packages.values()].map(({ name }) => name))].toSorted((one, other) =>
  one < other ? -1 : 1,
);
if (JSON.stringify(taken) !== JSON.stringify(own.bundled)) {
  throw new Error(`package.json must declare "bundled": ${JSON.stringify(taken, null, 2)}`);
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
