// Builds the page of the inspector into dist/inspector/: one script, one style sheet, the document that names both,
// and a manifest of the files that a server may return.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "rolldown";
import { root } from "./bundling.js";

const PAGE = join(root, "src/inspector/page");
const MAX_GZIP_BYTES = 40 * 1024;

/** Builds the page; returns the modules that are in its script. */
export async function buildInspectorPage(/** @type {string} */ dist) {
  const folder = join(dist, "inspector");
  mkdirSync(folder, { recursive: true });
  const { output } = await build({
    cwd: root,
    platform: "browser",
    input: { inspector: join(PAGE, "main.tsx") },
    tsconfig: join(PAGE, "tsconfig.json"),
    transform: { target: "es2022" },
    write: false,
    output: { dir: folder, format: "esm", minify: true, comments: false, codeSplitting: false },
  });
  const [script, ...others] = output;
  if (others.length > 0) throw new Error("the page must be one script");
  const scriptFile = hashed("js", script.code);
  const style = styleSheet();
  const styleFile = hashed("css", style);
  const document = readFileSync(join(PAGE, "index.html"), "utf8")
    .replace("STYLE", `/assets/${styleFile}`)
    .replace("SCRIPT", `/assets/${scriptFile}`);

  const files = [
    { name: "index.html", text: document },
    { name: scriptFile, text: script.code },
    { name: styleFile, text: style },
  ];
  const bytes = files.reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0);
  if (bytes > MAX_GZIP_BYTES) throw new Error(`the page of the inspector is too large: ${bytes} bytes compressed`);
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  /** @type {import("../src/inspector/contract.ts").Manifest} */
  const manifest = { files: files.map(({ name }) => name) };
  writeFileSync(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  return { moduleIds: script.moduleIds, bytes };
}

function hashed(/** @type {string} */ extension, /** @type {string} */ text) {
  const hash = createHash("sha256").update(text).digest("base64url").replaceAll(/[-_]/g, "").slice(0, 10);
  return `inspector-${hash}.${extension}`;
}

/** The style sheets in the order of their names, without comments and insignificant white space. */
function styleSheet() {
  const folder = join(PAGE, "styles");
  return readdirSync(folder)
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("\n")
    .replaceAll(/\/\*[^]*?\*\//g, "")
    .replaceAll(/\s*\n\s*/g, "")
    .replaceAll(/ \{/g, "{")
    .replaceAll(/: /g, ":")
    .replaceAll(/;\}/g, "}");
}
