import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { detectFramework, FRAMEWORKS } from "../../../../src/features/init/frameworks.ts";
import { tempFolder } from "../../../support/temp.ts";

it("every example can be written by init", () => {
  const folders = readdirSync(new URL("../../../../examples", import.meta.url)).filter((name) => !name.includes("."));
  expect(FRAMEWORKS.map(({ name }) => name).toSorted()).toEqual(folders.toSorted());
});

it.each([
  ["express", "package.json", '{"dependencies":{"express":"^5.0.0"}}'],
  ["nextjs", "package.json", '{"dependencies":{"next":"16","express":"5"}}'],
  ["nestjs", "package.json", '{"dependencies":{"@nestjs/core":"12","express":"5"}}'],
  ["hono", "package.json", '{"devDependencies":{"hono":"4"}}'],
  ["fastapi", "pyproject.toml", '[project]\ndependencies = [\n  "fastapi>=0.100",\n]\n'],
  ["django", "pyproject.toml", '[tool.poetry.dependencies]\nDjango = "^5"\n'],
  ["flask", "requirements.txt", "# the web\nFlask==3.1.3\n"],
  ["go", "go.mod", "module example.com/app\n"],
  ["php", "composer.json", "{}"],
  [undefined, "package.json", '{"dependencies":{"fastify-plugin":"5","@hono/zod-validator":"1","expressive":"1"}}'],
  [undefined, "requirements.txt", "# flask\nflask-sqlalchemy==3\n"],
  [undefined, "README.md", "express"],
])("%s is recognized in %s", (name, file, text) => {
  const folder = tempFolder();
  writeFileSync(join(folder, file), text);
  expect(detectFramework(folder)).toEqual(
    name === undefined ? undefined : { framework: expect.objectContaining({ name }) as object, file },
  );
});
