import { expect, it } from "vitest";
import { contentDisposition } from "../../../src/inspector/answers.ts";

it.each([
  ["dlv_1.body", "dlv_1.body", "dlv_1.body"],
  ['a"b', "a_b", "a%22b"],
  ["../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"],
  ["a\r\nx: 1", "a__x__1", "a%0D%0Ax%3A%201"],
  ["日本.har", "__.har", "%E6%97%A5%E6%9C%AC.har"],
  ["\ud800", "_", "%EF%BF%BD"],
  ["", "download", "download"],
])("a download named %j stays a plain name in its header", (name, ascii, encoded) => {
  const value = contentDisposition(name);
  expect(value).toBe(`attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`);
  expect(value).toMatch(/^[\x20-\x7e]+$/);
});
