import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const FOLDER = new URL("../../docs/decisions/", import.meta.url);
const files = readdirSync(FOLDER).toSorted();

it("no two decision records have the same number", () => {
  const numbers = files.map((file) => file.slice(0, 4));
  expect(numbers).toEqual([...new Set(numbers)]);
});

it.each(files)("%s begins with its number, its status and date, and the decision in one sentence", (file) => {
  const [title, , status, , ...rest] = readFileSync(new URL(file, FOLDER), "utf8").split("\n");
  const decision = rest.slice(0, rest.indexOf("")).join(" ");
  expect(title).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. \\S`));
  expect(status).toMatch(/^Status: (accepted|superseded by .+|accepted, .+)\. Date: \d{4}-\d\d-\d\d\.$/);
  expect(decision).toMatch(/^Decision: .+\.$/);
});
