import { expect, it } from "vitest";
import type { TeamMemberStatus, TeamStatus } from "../../../../src/core/team-status.ts";
import { teamReport } from "../../../../src/output/reports/team-report.ts";

const member = (label: string, more: Partial<TeamMemberStatus>): TeamMemberStatus => ({
  label,
  isThisMachine: false,
  role: "follower",
  position: 0,
  behind: 2,
  seenAgoMs: 0,
  app: { ok: 0, failed: 0 },
  version: "1.0.0",
  ...more,
});

it("teamReport says how old a position is, also of a member that runs", () => {
  const database = { database: "db/app", key: "k", hasNotifications: true };
  const log = { name: "acme", environment: "sandbox", ...database, head: 2, stored: 2, owner: null, waitingHere: 0 };
  const members = [
    member("ana@laptop", { seenAgoMs: 4_100 }),
    member("bo@desk", { seenAgoMs: 200 }),
    member("cy@home", { seenAgoMs: 7_300_000, role: "away" }),
  ];
  const lines = teamReport({ ...log, members } satisfies TeamStatus, { color: false }).split("\n");
  const seenOf = (label: string) => lines.find((line) => line.startsWith(label))?.split(/ {2,}/)[4];
  expect(seenOf("ana@laptop")).toBe("4 s ago");
  expect(seenOf("bo@desk")).toBe("now");
  expect(seenOf("cy@home")).toBe("2 h ago");
});
