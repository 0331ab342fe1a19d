// Prepares the working directory for `npm publish`: package.json names the repository that publishes it, as provenance
// requires, and the links of README.md, which npm shows without the other files, become absolute. REPOSITORY is
// `owner/name` at GitHub; TAG is the tag of the version.
import { readFileSync, writeFileSync } from "node:fs";

const { REPOSITORY = "", TAG = "" } = process.env;
const content = JSON.parse(readFileSync("package.json", "utf8"));

const problems = [
  /^[\w.-]+\/[\w.-]+$/.test(REPOSITORY) ? "" : "REPOSITORY must be owner/name",
  TAG === `v${content.version}` ? "" : `TAG must be v${content.version}, the version in package.json`,
  new RegExp(`^## ${content.version.replaceAll(".", "\\.")} - \\d{4}-\\d\\d-\\d\\d$`, "m").test(
    readFileSync("CHANGELOG.md", "utf8"),
  )
    ? ""
    : `CHANGELOG.md has no dated section for ${content.version}`,
].filter((problem) => problem !== "");
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else {
  const home = `https://github.com/${REPOSITORY}`;
  Object.assign(content, {
    repository: { type: "git", url: `git+${home}.git` },
    homepage: `${home}#readme`,
    bugs: `${home}/issues`,
  });
  writeFileSync("package.json", `${JSON.stringify(content, null, 2)}\n`);
  const files = { "": `${home}/blob/${TAG}/`, "!": `https://raw.githubusercontent.com/${REPOSITORY}/${TAG}/` };
  writeFileSync(
    "README.md",
    readFileSync("README.md", "utf8").replaceAll(
      /(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)]+)\)/g,
      (_all, mark, text, path) => `${mark}${text}(${files[mark]}${path})`,
    ),
  );
}
