import { expect, it } from "vitest";
import { documentation } from "../support/documentation.ts";

/** Phrases that readers had to puzzle over, and what to write. Ordinary English is not forbidden. */
const NOT_THESE: readonly (readonly [RegExp, string])[] = [
  [/\bmend(s|ed|ing)?\b/i, "fix"],
  [/\bfor ever\b|\bas long as you like\b|\bwithout end\b/i, "no limit"],
  [/\buntold\b|\b(is|are|was|were|be|been) told\b/i, "published, reported; Bluum receives"],
  [/\bthe app (takes|took)\b|\b(did|does|has|have|had|was|were|is|are) (not|never) (take|taken)\b/i, "accept"],
  [/\bhand(s|ed|ing)? (over|each|on|it|them|events|deliveries)\b|\bhands a delivery\b/i, "forward, deliver"],
  [/\blet(s|ting)? go\b|\blet(s|ting)? wait\b|\bstill at it\b/i, "evict; pending"],
  [/\bput(s|ting)? ([\w-]+ ){0,3}back\b(?! to)/i, "restore"],
  [/\bpoints here now\b|\b(what )?(stands|stood) there\b/i, "is registered, current URL"],
  [/\bmind that\b/i, "note:"],
  [/\banew\b|\bafresh\b/i, "again; re-sign"],
  [/\bfloods?\b|\bflooded\b/i, "burst, overload"],
  [/\bas (it|they) should( be)?\b/i, "up to date; as expected"],
  [/\bnobody (is there|knows|is)\b|\bnothing listens\b/i, "cannot ask; DNS lookup failed; connection refused"],
  [/\bcannot be had\b/i, "cannot be recovered"],
  [/\bby lot\b|\bin earnest\b|\bof no account\b|\bnone is no\b/i, "at random; for real; no output"],
  [/\bis no (amount|kind|proof|obstacle|refusal|finding)\b/i, "is not a; invalid"],
  [/\btakes? any certificate\b/i, "skip TLS certificate verification"],
  [/\bs are over\b|\bthe time is over\b/i, "timed out after"],
  [/\bshall\b/i, "must, should, will"],
  [/\bwhoever\b/i, "anyone who; the user who"],
  [/, be (it|they) /i, "even if"],
];

function found(name: string, text: string): string[] {
  const line = text.replaceAll(/\s+/g, " ");
  return NOT_THESE.flatMap(([phrase, instead]) => {
    const at = line.search(phrase);
    return at === -1 ? [] : [`${name}: "…${line.slice(Math.max(at - 20, 0), at + 40)}…": ${instead}`];
  });
}

/** What the program prints is judged where it is written. */
const withoutOutput = (page: string) =>
  page
    .replaceAll(/^```(?:console)?\n\$ [^]*?^```$/gm, (block) => block.replaceAll(/[^\n]/g, ""))
    .replaceAll(/`[^`\n]*`/g, "");

it("the documentation is written in plain standard English", () => {
  expect(documentation().flatMap(({ path, text }) => found(path, withoutOutput(text)))).toStrictEqual([]);
});
