import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Context } from "../../src/context.ts";
import { TEAM_TIMES, type TeamTimes } from "../../src/team/times.ts";
import { runInProcess } from "./in-process.ts";
import { startSession, type Session } from "./session.ts";
import { tempFolder } from "./temp.ts";

/** A machine of a member: its home, and a folder with the project. */
export interface Machine {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], stdin?: string): ReturnType<typeof runInProcess>;
  /** Starts `listen --team --tunnel none` with further arguments. */
  listen(args?: readonly string[], overrides?: Partial<Context>): Promise<Session>;
}

/** Short, so that a test of a lease does not take long. Every member of a team uses the same. */
export const SHORT_TIMES: TeamTimes = {
  ...TEAM_TIMES,
  beatMs: 100,
  pollMs: 50,
  leaseSeconds: 2,
  keepReceivingMs: 300,
  retryMs: 200,
};

export function newMachine(env: Readonly<Record<string, string>> = {}, label = "ana@laptop"): Machine {
  const [home, cwd] = [tempFolder(), tempFolder()];
  const all = { ...env, BLUUM_HOOKS_HOME: home };
  return {
    home,
    cwd,
    env: all,
    listen: (args = [], overrides = {}) =>
      startSession(["--team", "--tunnel", "none", "--no-inspect", ...args], all, {
        cwd,
        whoami: label,
        teamTimes: SHORT_TIMES,
        ...overrides,
      }),
    run: (args, stdin = "") =>
      runInProcess(args, all, { cwd, whoami: label, readStdin: async () => Buffer.from(stdin) }),
  };
}

/** Creates a team's log on this machine, and returns the invite. */
export async function initTeam(machine: Machine, name: string, databaseUrl: string, more: readonly string[] = []) {
  const made = await machine.run(["team", "init", name, "--stdin", "--json", ...more], databaseUrl);
  expect(made.stderr).toBe("");
  const printed = await machine.run(["team", "status", name, "--print-secret"]);
  return printed.stdout.trim();
}

export async function joinTeam(machine: Machine, invite: string): Promise<void> {
  const joined = await machine.run(["team", "join", "--stdin", "--json"], invite);
  expect(joined.stderr).toBe("");
}

export function projectFileOf(machine: Machine): { team: { name: string; environment: string; key: string } } {
  return JSON.parse(readFileSync(join(machine.cwd, "bluum-hooks.json"), "utf8")) as ReturnType<typeof projectFileOf>;
}
