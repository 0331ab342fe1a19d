import type { Fact, TeamFact } from "../../core/facts.ts";
import { clean } from "../privacy/clean.ts";
import { moment } from "../text.ts";

/** A change of a team's log as text. Labels and messages are from outside. */
export function teamText(fact: TeamFact & { readonly at: number }): string {
  const name = clean(fact.name);
  switch (fact.state) {
    case "connected": {
      if (fact.position === undefined) return "team log online again";
      const who =
        fact.owner == null || fact.since === undefined
          ? "nobody receives"
          : `${clean(fact.owner)} receives since ${moment(fact.since, fact.at)}`;
      return `team ${name}: ${who}; following from delivery ${number(fact.position)}`;
    }
    case "offline": {
      const waiting = fact.waiting === 0 ? "" : `; ${deliveries(fact.waiting)} to ship wait here`;
      return `team log offline (${clean(fact.message)})${waiting}`;
    }
    case "owner":
      if (fact.before === null) return `receiving here for the team ${name}`;
      return fact.isTakeover
        ? `receiving here for the team ${name} instead of ${clean(fact.before)}`
        : `${clean(fact.before)} has stopped; receiving here for the team ${name}`;
    case "left":
      return `${fact.standby === null ? "a member that stands by" : clean(fact.standby)} takes over for the team ${name}`;
    case "follower":
      return `${fact.owner === null ? "another member" : clean(fact.owner)} receives now for the team ${name}`;
    case "behind":
      return `catching up: ${deliveries(fact.behind)} since ${moment(fact.since, fact.at)}`;
    case "caught_up":
      return `caught up at delivery ${number(fact.position)}`;
    case "unshipped":
      return `${deliveries(fact.waiting)} not shipped to the team log; the next listen --team on this machine ships them`;
    default:
      return fact satisfies never;
  }
}

/** What a session does for its team, for the banner. */
export function teamRole({ name, role }: NonNullable<Extract<Fact, { type: "ready" }>["team"]>): string {
  return `${clean(name)} ${role === "owner" ? "(receiving)" : "(following)"}`;
}

function deliveries(count: number): string {
  return `${number(count)} ${count === 1 ? "delivery" : "deliveries"}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
