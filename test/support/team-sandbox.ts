import { expect } from "vitest";
import type { CliRecord } from "./cli.ts";
import { sharedPostgres } from "./postgres.ts";
import { startSandbox, webhooksOf } from "./sandbox.ts";
import type { Session } from "./session.ts";
import { initTeam, joinTeam, newMachine, type Machine } from "./team.ts";

/** A sandbox, a team's log, and machines of members. */
export async function newTeam(
  labels: readonly string[],
  databaseUrl?: string,
  options: Parameters<typeof startSandbox>[0] = {},
) {
  const { env, call, emulator } = await startSandbox(options);
  const url = databaseUrl ?? (await (await sharedPostgres()).database());
  const machines = labels.map((label) => newMachine(env, label));
  const [first, ...others] = machines as [Machine, ...Machine[]];
  const invite = await initTeam(first, "acme", url);
  for (const machine of others) await joinTeam(machine, invite);
  const origin = new URL(emulator.baseUrl).origin;
  return {
    url,
    machines,
    webhooks: () => webhooksOf(call),
    async publish(...ids: string[]) {
      for (const id of ids) {
        const body = JSON.stringify({ event: "order.filled", data: { id } });
        const headers = { "content-type": "application/json" };
        const { status } = await fetch(`${origin}/_emulator/events`, { method: "POST", headers, body });
        expect(status).toBe(202);
      }
    },
  };
}

export const stored = async (machine: Machine) => {
  const { stdout } = await machine.run(["events", "list", "--json", "--limit", "10000"]);
  const lines = stdout.split("\n").filter(Boolean).toReversed();
  return lines.map((line) => JSON.parse(line) as { id: string; resourceId: string; origin?: { member: string } });
};
export const orders = (app: { requests: readonly { name: string }[] }) =>
  app.requests.map(({ name }) => name.replace("order.filled ", ""));
export const isTeam = (state: string) => (record: CliRecord) => record["state"] === state;
export const roleOf = async (session: Session) => (await session.record("ready"))["team"];
