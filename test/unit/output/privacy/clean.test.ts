import { describe, expect, it } from "vitest";
import { clean, cleanBlock } from "../../../../src/output/privacy/clean.ts";

describe("clean", () => {
  it.each([
    ["a colour", "a\x1b[31mb\x1b[0m", "ab"],
    ["a link with its target", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x07", "click"],
    ["a window title", "a\x1b]0;title\x07b", "ab"],
    ["a device control string", "a\x1bPq#0\x1b\\b", "ab"],
    ["an eight-bit control sequence", "a\x9b2Jb", "ab"],
    ["a sequence that never ends", "a\x1b]0;title", "a0;title"],
    ["a lone escape", "a\x1b", "a"],
    ["a bell, a backspace and DEL", "a\x07\x08\x7fb", "ab"],
    ["a bidirectional override", "a\u202egpj.exe", "agpj.exe"],
    ["zero-width characters", "a\u200b\u200d\ufeffb", "ab"],
    ["a tag character", "a\u{e0041}b", "ab"],
  ])("removes %s", (_what, text, cleaned) => {
    expect(clean(text)).toBe(cleaned);
  });

  it("joins several lines to one", () => {
    expect(clean("a\r\nb\tc\u2028d")).toBe("a b c d");
  });

  it("replaces half of a surrogate pair", () => {
    expect(clean("a\ud83d")).toBe("a\ufffd");
  });

  it("does not join two halves by removing text between them", () => {
    expect(clean("\ud83d\x07\ude00")).toBe("\ufffd\ufffd");
  });

  it("keeps letters of any script, marks and emoji", () => {
    expect(clean("Zürich 注文 e\u0301 😀")).toBe("Zürich 注文 e\u0301 😀");
  });

  it("limits the number of marks on a letter", () => {
    expect(clean(`a${"\u0301".repeat(50)}b`)).toBe(`a${"\u0301".repeat(4)}b`);
  });
});

describe("cleanBlock", () => {
  it("keeps line breaks and indentation, in a uniform form", () => {
    expect(cleanBlock("{\r\n\t\x1b[31ma\r}")).toBe("{\n\ta\n}");
  });
});
