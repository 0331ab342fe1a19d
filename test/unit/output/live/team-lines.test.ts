import { describe, expect, it } from "vitest";
import type { TeamFact } from "../../../../src/core/facts.ts";
import { teamText } from "../../../../src/output/live/team-lines.ts";
import { AT } from "../samples.ts";

const time = new Date(AT).toTimeString().slice(0, 8);
const text = (fact: TeamFact) => teamText({ ...fact, at: AT });

describe("teamText", () => {
  it("says that another member has stopped only if it has", () => {
    const owner = { type: "team", state: "owner", name: "acme" } as const;
    expect(text({ ...owner, before: "ana@laptop", isTakeover: true })).toBe(
      "receiving here for the team acme instead of ana@laptop",
    );
    expect(text({ ...owner, before: "ana@laptop", isTakeover: false })).toBe(
      "ana@laptop has stopped; receiving here for the team acme",
    );
    expect(text({ ...owner, before: null, isTakeover: false })).toBe("receiving here for the team acme");
  });

  it("says which member takes over at the end, if it is certain", () => {
    const left = { type: "team", state: "left", name: "acme" } as const;
    expect(text({ ...left, standby: "bo@desk" })).toBe("bo@desk takes over for the team acme");
    expect(text({ ...left, standby: null })).toBe("a member that stands by takes over for the team acme");
  });

  it("shows times as the lines of deliveries do, with the date unless it is today", () => {
    const team = { type: "team", name: "acme" } as const;
    expect(text({ ...team, state: "connected", owner: "ana@laptop", since: AT, position: 7 })).toBe(
      `team acme: ana@laptop receives since ${time}; following from delivery 7`,
    );
    const dayBefore = AT - 48 * 3_600_000;
    expect(text({ ...team, state: "behind", behind: 120, since: dayBefore })).toBe(
      `catching up: 120 deliveries since ${new Date(dayBefore).toLocaleDateString("sv")} ${new Date(dayBefore).toTimeString().slice(0, 8)}`,
    );
  });
});
