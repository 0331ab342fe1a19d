import { spellDuration } from "../../core/duration.ts";
import { localTime } from "../../core/local-time.ts";
import type { TeamMemberStatus, TeamStatus } from "../../core/team-status.ts";
import { fields, table, type TableStyle } from "./table.ts";

/** The state of a team's log, and a table of its members. */
export function teamReport(status: TeamStatus, style: TableStyle): string {
  const { name, environment, database, head, stored, owner, members, waitingHere, hasNotifications } = status;
  const about = fields(
    [
      ["team", `${name} (${environment})`],
      ["database", database],
      ["deliveries", `${number(stored)} stored, the last is ${number(head)}`],
      ["receiving", owner === null ? "nobody" : `${owner.label} since ${localTime(Date.parse(owner.since))}`],
      [
        "not yet sent",
        waitingHere === 0 ? "nothing" : `${number(waitingHere)} received here: listen --team sends them`,
      ],
      ["notifications", hasNotifications ? "arrive" : "do not arrive here: listen asks every second"],
    ],
    style,
  );
  if (members.length === 0) return `${about}\nNo member has listened yet.\n`;
  return `${about}\n${table(["MEMBER", "ROLE", "POSITION", "BEHIND", "SEEN", "APP"], members.map(rowOf), style)}`;
}

function rowOf({ label, isThisMachine, role, position, behind, seenAgoMs, app }: TeamMemberStatus): string[] {
  const seconds = Math.round(seenAgoMs / 1_000);
  // A position is as old as the report that contained it.
  const seen = seconds === 0 ? "now" : `${spellDuration(coarse(seconds) * 1_000)} ago`;
  const results =
    app.ok + app.failed === 0 ? "-" : `${number(app.ok)} ok${app.failed > 0 ? `, ${app.failed} failed` : ""}`;
  return [isThisMachine ? `${label} (you)` : label, role, number(position), number(behind), seen, results];
}

/** In whole minutes, hours or days: the rest says nothing. */
function coarse(seconds: number): number {
  const unit = [86_400, 3_600, 60].find((each) => seconds >= each) ?? 1;
  return Math.floor(seconds / unit) * unit;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
