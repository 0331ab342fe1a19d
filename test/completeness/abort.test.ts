import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SRC = new URL("../../src/", import.meta.url);

it("only platform/abort.ts combines signals, adds time limits and registers listeners", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const knowing = files.filter((file) =>
    /AbortSignal\.(any|timeout)|addEventListener\("abort"/.test(readFileSync(new URL(file, SRC), "utf8")),
  );
  expect(knowing).toEqual(["platform/abort.ts"]);
});
