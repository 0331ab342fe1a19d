import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SRC = new URL("../../src/", import.meta.url);

it("only platform/abort.ts knows how signals are combined, timed and listened to", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const knowing = files.filter((file) =>
    /AbortSignal\.(any|timeout)|addEventListener\("abort"/.test(readFileSync(new URL(file, SRC), "utf8")),
  );
  expect(knowing).toEqual(["platform/abort.ts"]);
});
