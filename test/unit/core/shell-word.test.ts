import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { shellWord } from "../../../src/core/command-line.ts";

it.each(["wh_1", "https://app.example:8443/webhooks/bluum", "/etc/ssl/ca.pem", "x-bluum-signature"])(
  "%j needs no quotes in a shell",
  (text) => expect(shellWord(text)).toBe(text),
);

it.each([
  "",
  "a b",
  "it's",
  "$HOME",
  "`id`",
  "a;b",
  "https://app.example/?a=1&b=2",
  "~/ca.pem",
  "*",
  "=ls",
  "é",
  "a\nb",
])("%j stays one word in a shell, unchanged", (text) =>
  expect(execFileSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" })).toBe(text),
);
