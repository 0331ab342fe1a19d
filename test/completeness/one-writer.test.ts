import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { STORED_SETTINGS } from "../../src/config/stored-settings.ts";
import { SECRET_VARIABLES } from "../../src/core/secrets.ts";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const containing = (pattern: RegExp) =>
  files.filter((file) => pattern.test(readFileSync(join(SRC, file), "utf8"))).toSorted();

it("files that a flag names are written in one place, without secrets", () => {
  const writing = containing(
    /\b(writeFile|writeFileSync|createWriteStream|appendFile|appendFileSync)\b.*from "node:fs/,
  );
  // The first two write to streams of the process that are files.
  expect(writing).toEqual(["entry.ts", "platform/outlet.ts", "platform/write-file.ts"]);
});

it("the streams of the process are wrapped in one place", () => {
  expect(containing(/process\.std(out|err)/)).toEqual(["entry.ts", "main.ts", "wiring.ts"]);
  expect(containing(/\bguardSink\(context\.std(out|err)/)).toEqual(["commands/shared/guarded-context.ts"]);
});

it("every variable of a secret setting is masked", () => {
  const variables = STORED_SETTINGS.filter(({ isSecret }) => isSecret).flatMap((setting) => setting.variables);
  expect(variables.length).toBeGreaterThan(3);
  expect(variables.filter((name) => !SECRET_VARIABLES.some((each) => each === name))).toEqual([]);
});
