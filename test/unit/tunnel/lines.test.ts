import { expect, it } from "vitest";
import { lineSplitter, MAX_LINE } from "../../../src/tunnel/lines.ts";

function linesOf(...chunks: string[]): string[] {
  const lines: string[] = [];
  const { push, end } = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) push(chunk);
  end();
  return lines;
}

it("passes on every line, also one in two parts and a last one without a line break", () => {
  expect(linesOf("one\ntw", "o\r\nthr\ree\n\nlast")).toEqual(["one", "two", "thr", "ee", "last"]);
  expect(linesOf("one\r", "\ntwo")).toEqual(["one", "two"]);
});

it("passes on the start of an endless line at once, and then the next line", () => {
  const long = "a".repeat(MAX_LINE - 1);
  expect(linesOf(long, "aaa", "aaa", "aaa\nnext\n")).toEqual([`${long}a`, "next"]);
  expect(linesOf("a".repeat(3 * MAX_LINE))).toEqual(["a".repeat(MAX_LINE)]);
});
