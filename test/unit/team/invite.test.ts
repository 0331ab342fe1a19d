import { describe, expect, it } from "vitest";
import { encodeInvite, parseInvite, type Invite } from "../../../src/team/invite.ts";
import { teamNameRule } from "../../../src/core/id-rules.ts";
import { newTeamKey } from "../../../src/team/seal.ts";

const invite: Invite = {
  name: "acme-sandbox",
  environment: "sandbox",
  databaseUrl: "postgres://team:p%40ss@db.example.com/hooks?sslmode=verify-full",
  log: "0d9e7b52-6b1c-4d1e-9f58-0a4f1f3f6a10",
  key: newTeamKey(),
};

describe("an invite", () => {
  const text = encodeInvite(invite);

  it("is one word that contains everything a member needs", () => {
    expect(text).toMatch(/^bluum-team-1\.[\w-]+\.[\w-]{8}$/);
    expect(parseInvite(text)).toEqual(invite);
  });

  it("survives spaces and line breaks of a chat or a mail", () => {
    const wrapped = ` ${text.replaceAll(/(.{40})/g, "$1\r\n  ")}\n`;
    expect(parseInvite(wrapped)).toEqual(invite);
  });

  it("is refused if any part of it is missing", () => {
    for (let length = 0; length < text.length; length += 1) {
      expect(() => parseInvite(text.slice(0, length))).toThrow(/the invite cannot be used/);
    }
  });

  it("is refused if a character was changed, and nothing of it is quoted", () => {
    for (let at = 0; at < text.length; at += 7) {
      const changed = `${text.slice(0, at)}${text[at] === "x" ? "y" : "x"}${text.slice(at + 1)}`;
      expect(() => parseInvite(changed)).toThrow(
        expect.objectContaining({
          code: "team_invite_invalid",
          message: expect.not.stringContaining(text.slice(20, 40)),
        }),
      );
    }
  });

  it("of a later version asks for an update", () => {
    expect(() => parseInvite(text.replace("team-1", "team-2"))).toThrow(
      expect.objectContaining({ code: "team_invite_invalid", hint: "Update bluum-hooks." }),
    );
  });
});

it.each([
  ["acme", true],
  ["0-a", true],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  ["-acme", false],
  ["Acme", false],
  ["acme_1", false],
  ["", false],
])("%j as the name of a log: %s", (name, isGood) => {
  expect(teamNameRule(name) === undefined).toBe(isGood);
});
