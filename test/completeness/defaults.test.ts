import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const SRC = new URL("../../src/", import.meta.url);
const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const containing = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(new URL(file, SRC), "utf8")));

it("default ports and the default path are written in one place", () => {
  expect(containing(/\b46[05]0\b|\/webhooks\/bluum/)).toEqual(["core/defaults.ts"]);
});

it("the 30 s that Bluum waits for an answer are a constant of its delivery policy", () => {
  expect(containing(/= 30_000\b|\(30_000\b|\?\? 30_000\b/)).toEqual(["core/delivery-policy.ts"]);
});
