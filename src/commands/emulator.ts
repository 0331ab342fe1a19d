import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import { emulatorSecret } from "../config/emulator-secret.ts";
import type { Context } from "../context.ts";
import { CHAOS_KINDS, type ChaosKind } from "../emulator/delivery/chaos.ts";
import { EMULATOR_ACCESS } from "../core/environments.ts";
import { fields } from "../output/reports/table.ts";
import { abortOf } from "../platform/abort.ts";
import { EMULATOR_DEFAULTS, type EmulatorSettings } from "../features/emulator/use-emulator.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { addEmulatorFlags, emulatorSettings } from "./shared/emulator-flags.ts";
import { logLine, logRecord, warnOfOutside } from "./shared/emulator-log.ts";
import { nameList, port, positiveNumber, refuse } from "./shared/parse.ts";
import { openWorkspace } from "./shared/workspace.ts";

interface EmulatorFlags extends GlobalFlags, EmulatorSettings {
  readonly port: number;
  readonly speed: number;
  readonly chaos?: readonly ChaosKind[];
  readonly rateLimit: number;
}

const HELP = {
  details: `With --verbose, a line is printed for each API call, delivery attempt and dead letter; with --json, a record of type request, attempt or dead-letter.

Deliveries are signed with BLUUM_WEBHOOK_SECRET if it is set. Otherwise a saved secret is used, which stays the same; print it with listen --print-secret.

Some symbols, amounts, keys and owners fail on purpose. Use curl to control the emulator: complete a deposit, set a price, open the market, emit an event, list dead letters. See docs/emulator.md.`,
  examples: `  $ bluum-hooks emulator
  $ bluum-hooks emulator --verbose
  $ bluum-hooks emulator --port 0 --json
  $ bluum-hooks emulator --market hours
  $ bluum-hooks emulator --chaos duplicate,reorder --speed 600`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addEmulatorFlags(addHelp(command, HELP))
    .option("--port <port>", "port on 127.0.0.1; 0 selects a free port", port, EMULATOR_DEFAULTS.port)
    .option("--speed <factor>", "speed factor for delays and retries", positiveNumber, EMULATOR_DEFAULTS.speed)
    .option(
      "--chaos <kinds>",
      `faults to inject into deliveries: {${CHAOS_KINDS.join("|")}}, comma-separated`,
      chaosKinds,
    )
    .option(
      "--rate-limit <n>",
      "requests per second for each API key",
      positiveNumber,
      EMULATOR_DEFAULTS.requestsPerSecond,
    )
    .action(async (_flags: unknown, self: Command) => runEmulator(self.optsWithGlobals<EmulatorFlags>(), context));
}

async function runEmulator(flags: EmulatorFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context);
  await using emulator = await context.startEmulator({
    ...EMULATOR_DEFAULTS,
    ...emulatorSettings(flags),
    port: flags.port,
    orNext: false,
    speed: flags.speed,
    chaos: flags.chaos ?? [],
    requestsPerSecond: flags.rateLimit,
    clock: context.clock,
    webhookSecret: await emulatorSecret(workspace.env, workspace.config),
    startedBy: { pid: context.pid, command: "emulator" },
    onLog(entry) {
      warnOfOutside(entry, workspace);
      if (flags.json !== true && flags.verbose !== true && entry.type !== "fault") return;
      workspace.print(logRecord(entry), () => `${logLine(entry)}\n`);
    },
  });
  workspace.print(
    { type: "ready", at: new Date(context.clock.now()).toISOString(), baseUrl: emulator.baseUrl, ...EMULATOR_ACCESS },
    () =>
      fields([
        ["base URL", emulator.baseUrl],
        ["API key", EMULATOR_ACCESS.apiKey],
        ["API secret", EMULATOR_ACCESS.apiSecret],
        ["investor", EMULATOR_ACCESS.investorId],
        ["account", EMULATOR_ACCESS.accountId],
      ]),
  );
  workspace.say("Press Ctrl-C to stop. All state is in memory and is lost.");
  await abortOf(context.signal);
  context.signal.throwIfAborted();
}

function chaosKinds(text: string, earlier?: readonly ChaosKind[]): ChaosKind[] {
  const kinds = nameList(text).map(
    (name) => CHAOS_KINDS.find((kind) => kind === name) ?? refuse(`must be one of ${CHAOS_KINDS.join(", ")}`),
  );
  return [...(earlier ?? []), ...kinds];
}
