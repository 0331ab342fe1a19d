import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readProjectFile, updateProjectFile } from "../../../src/config/project-file.ts";
import { AppError } from "../../../src/core/errors.ts";
import { tempFolder } from "../../support/temp.ts";

const NAME = "bluum-hooks.json";

describe("readProjectFile", () => {
  it("finds the nearest file, upwards from the folder", () => {
    const root = tempFolder();
    const inner = join(root, "packages", "api", "src");
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(root, NAME), '{"path":"/outer"}');
    expect(readProjectFile(inner)).toEqual({ path: join(root, NAME), content: { path: "/outer" } });
    writeFileSync(join(root, "packages", NAME), '{"path":"/inner"}');
    expect(readProjectFile(inner)?.content.path).toBe("/inner");
  });

  it("does not look above the root of the repository", () => {
    const root = tempFolder();
    mkdirSync(join(root, "clone", ".git"), { recursive: true });
    writeFileSync(join(root, NAME), "{}");
    expect(readProjectFile(join(root, "clone"))).toBeUndefined();
  });

  it("keeps the fields of other versions, and accepts a byte order mark", () => {
    const folder = tempFolder();
    writeFileSync(join(folder, NAME), '\ufeff{"events":["order.*"],"later":{"x":1}}');
    expect(readProjectFile(folder)?.content).toEqual({ events: ["order.*"], later: { x: 1 } });
  });

  it.each([
    ['{\n  "path": "/a",\n  // a comment\n}', /it is not JSON \(line 3\)/],
    ["", /it is not JSON/],
    ["[]", /unexpected value at the top/],
    ['{"path":"/a","path":"/b"}', /the field "path" twice/],
    ['{"team":{"name":7}}', /unexpected value at team\.name/],
  ])("refuses %j and names the file", (text, message) => {
    const folder = tempFolder();
    writeFileSync(join(folder, NAME), text);
    const error = failure(() => readProjectFile(folder));
    expect([error.code, error.hint]).toEqual(["invalid_setting", `Correct ${join(folder, NAME)}`]);
    expect(error.message).toMatch(message);
  });
});

describe("updateProjectFile", () => {
  it("creates the file, readable by a person, and leaves no other file behind", async () => {
    const folder = tempFolder();
    await updateProjectFile(join(folder, NAME), { path: "/hooks", events: ["order.*"] });
    expect(readFileSync(join(folder, NAME), "utf8")).toBe(
      '{\n  "path": "/hooks",\n  "events": [\n    "order.*"\n  ]\n}\n',
    );
    expect(readdirSync(folder)).toEqual([NAME]);
  });

  it("changes only the fields that it is given", async () => {
    const path = join(tempFolder(), NAME);
    writeFileSync(path, '{\n\t"unknown": 178.50,\n\t"path": "/old",\n\t"forwardTo": 3000\n}\n');
    await updateProjectFile(path, {
      path: "/new",
      forwardTo: undefined,
      team: { name: "acme", environment: "sandbox", key: "5f2c9a10" },
    });
    expect(readFileSync(path, "utf8")).toBe(
      '{\n\t"unknown": 178.50,\n\t"path": "/new",\n\t"team": {\n\t\t"name": "acme",\n\t\t"environment": "sandbox",\n\t\t"key": "5f2c9a10"\n\t}\n}\n',
    );
  });

  it("does not overwrite a file that it cannot understand", async () => {
    const path = join(tempFolder(), NAME);
    writeFileSync(path, "{ not json");
    await expect(updateProjectFile(path, { path: "/new" })).rejects.toMatchObject({ code: "invalid_setting" });
    expect(readFileSync(path, "utf8")).toBe("{ not json");
  });
});

function failure(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
