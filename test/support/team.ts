import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { runInProcess } from "./in-process.ts";
import { tempFolder } from "./temp.ts";

/** A machine of a member: its home, and a folder with the project. */
export interface Machine {
  readonly home: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  run(args: readonly string[], stdin?: string): ReturnType<typeof runInProcess>;
}

export function newMachine(env: Readonly<Record<string, string>> = {}): Machine {
  const [home, cwd] = [tempFolder(), tempFolder()];
  const all = { BLUUM_HOOKS_HOME: home, ...env };
  return {
    home,
    cwd,
    env: all,
    run: (args, stdin = "") => runInProcess(args, all, { cwd, readStdin: async () => Buffer.from(stdin) }),
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
