import { createServer } from "node:net";
import { closeServer, listenOnLoopback } from "../../platform/loopback.ts";
import { portHolder } from "../../platform/port-holder.ts";
import { isEmulatorRunning } from "../emulator/use-emulator.ts";
import { sessionLock } from "../webhooks/webhook-locks.ts";
import { ok, warning, type Finding } from "./finding.ts";
import type { DiagnosticContext } from "./diagnostic-context.ts";
import { EMULATOR_PORT, LISTEN_PORT } from "../../core/defaults.ts";

const PORTS = [
  { port: LISTEN_PORT, user: "listen", isEmulators: false },
  { port: EMULATOR_PORT, user: "emulator", isEmulators: true },
] as const;

export async function checkPorts(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const { context } = diagnostics;
  return Promise.all(
    PORTS.map(async ({ port, user, isEmulators }) => {
      if (await isFree(port)) return ok(`${port} is free for ${user}`);
      if (isEmulators && (await isEmulatorRunning(`http://127.0.0.1:${port}/v1`, context.signal))) {
        return ok(`${port}: an emulator runs there`);
      }
      const holder = await portHolder(port);
      if (holder !== undefined && (await sessionPids(diagnostics)).includes(holder.pid)) {
        return ok(`${port}: your listen (process ${holder.pid}) uses it; another listen uses the next free port`);
      }
      const who = holder === undefined ? "another program" : `${holder.name}, process ${holder.pid}`;
      const remedy = isEmulators
        ? `Stop it, or use another port: bluum-hooks emulator --port ${port + 1}`
        : "Nothing to do: listen uses the next free port unless --port is given.";
      return warning(`${port}, the port of ${user}, is in use by ${who}`, remedy);
    }),
  );
}

/** The processes that use a webhook. Without a store there are none; another check reports the reason. */
async function sessionPids(diagnostics: DiagnosticContext): Promise<number[]> {
  try {
    const store = await diagnostics.store();
    const holders = (await store.changes.pending()).map(async ({ baseUrl, webhookId }) =>
      webhookId === null ? undefined : store.holderOf(sessionLock(baseUrl, webhookId)),
    );
    return (await Promise.all(holders)).flatMap((holder) => (holder === undefined ? [] : [holder.pid]));
  } catch {
    return [];
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listenOnLoopback(server, { port, orNext: false, flag: "--port" });
    return true;
  } catch {
    return false;
  } finally {
    await closeServer(server);
  }
}
