import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { documentation } from "../support/documentation.ts";
import { everyHelp } from "../support/every-help.ts";
import { runInProcess } from "../support/in-process.ts";

const SRC = new URL("../../src/", import.meta.url);

interface Rule {
  readonly not: RegExp;
  readonly but: string;
}

/** Phrases that are hard to understand, with replacements. */
const RULES: readonly Rule[] = [
  { not: /\bmend(s|ed|ing)?\b/i, but: "fix" },
  { not: /\bfor ever\b|\bas long as you like\b|\bwithout end\b/i, but: "no limit" },
  { not: /\buntold\b|\b(is|are|was|were|be|been) told\b/i, but: "published, reported; Bluum receives" },
  {
    not: /\bthe app (takes|took)\b|\b(did|does|has|have|had|was|were|is|are) (not|never) (take|taken)\b/i,
    but: "accept",
  },
  {
    not: /\bhand(s|ed|ing)? (over|each|on|it|them|events|deliveries)\b|\bhands a delivery\b/i,
    but: "forward, deliver",
  },
  { not: /\blet(s|ting)? go\b|\blet(s|ting)? wait\b|\bstill at it\b/i, but: "evict; pending" },
  { not: /\bput(s|ting)? ([\w-]+ ){0,3}back\b(?! to)/i, but: "restore" },
  { not: /\bpoints here now\b|\b(what )?(stands|stood) there\b/i, but: "is registered, current URL" },
  { not: /\bmind that\b/i, but: "note:" },
  { not: /\banew\b|\bafresh\b/i, but: "again; re-sign" },
  { not: /\bfloods?\b|\bflooded\b/i, but: "burst, overload" },
  { not: /\bas (it|they) should( be)?\b/i, but: "up to date; as expected" },
  {
    not: /\bnobody (is there|knows|is)\b|\bnothing listens\b/i,
    but: "cannot ask; DNS lookup failed; connection refused",
  },
  { not: /\bcannot be had\b/i, but: "cannot be recovered" },
  { not: /\bby lot\b|\bin earnest\b|\bof no account\b|\bnone is no\b/i, but: "at random; for real; no output" },
  { not: /\bis no (amount|kind|proof|obstacle|refusal|finding)\b/i, but: "is not a; invalid" },
  { not: /\btakes? any certificate\b/i, but: "skip TLS certificate verification" },
  { not: /\bs are over\b|\bthe time is over\b/i, but: "timed out after" },
  { not: /\bshall\b/i, but: "must, should, will" },
  { not: /\bwhoever\b/i, but: "anyone who; the user who" },
  { not: /, be (it|they) /i, but: "even if" },
];

function found(name: string, text: string): string[] {
  const line = text.replaceAll(/\s+/g, " ");
  return RULES.flatMap(({ not, but }) => {
    const at = line.search(not);
    return at === -1 ? [] : [`${name}: "…${line.slice(Math.max(at - 20, 0), at + 40)}…": ${but}`];
  });
}

/** The program's output is checked in the source. */
const withoutOutput = (page: string) =>
  page
    .replaceAll(/^```(?:console)?\n\$ [^]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, "");

it("the documentation is written in plain standard English", () => {
  expect(documentation().flatMap(({ path, text }) => found(path, withoutOutput(text)))).toStrictEqual([]);
});

it("so are the messages and comments of the source", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => [file, readFileSync(new URL(file, SRC), "utf8").replaceAll(/\n\s*(?:\*|\/\/) /g, " ")] as const);
  expect(files.length).toBeGreaterThan(20);
  expect(files.flatMap(([file, text]) => found(`src/${file}`, text))).toStrictEqual([]);
});

it("so is the help of every command, as it is printed", async () => {
  const { stdout: flags } = await runInProcess(["help", "flags"], {});
  const helps = [...(await everyHelp()), { command: "help flags", help: flags }];
  expect(helps.flatMap(({ command, help }) => found(`bluum-hooks ${command}`, help))).toStrictEqual([]);
});
