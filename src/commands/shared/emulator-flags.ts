import { Option, type Command } from "commander";
import { EMULATOR_ACCESS } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { PAYLOAD_FORMS } from "../../core/payload-form.ts";
import { MARKET_MODES } from "../../emulator/entities/market-hours.ts";
import { GENERATIONS_SERVED } from "../../emulator/generation.ts";
import { EMULATOR_DEFAULTS, type EmulatorSettings } from "../../features/emulator/use-emulator.ts";
import type { GlobalFlags } from "./command.ts";

/** Flags of every command that starts an emulator. Without a default, so that a set one can be recognised. */
export function addEmulatorFlags(command: Command): Command {
  const { generation, market, payload } = EMULATOR_DEFAULTS;
  return command
    .addOption(
      new Option("--generation <which>", `generation of the API to serve (default ${generation})`).choices(
        GENERATIONS_SERVED,
      ),
    )
    .addOption(
      new Option(
        "--market <when>",
        `when orders are filled: always, never, or in market hours (default ${market})`,
      ).choices(MARKET_MODES),
    )
    .addOption(
      new Option(
        "--payload <form>",
        `form of the payload, by the field that names the event (default ${payload})`,
      ).choices(PAYLOAD_FORMS),
    );
}

export function emulatorSettings({ generation, market, payload }: EmulatorSettings): EmulatorSettings {
  return Object.fromEntries(Object.entries({ generation, market, payload }).filter(([, value]) => value !== undefined));
}

/** The flags with the emulator's account as the owner, if it has no investors and no owner is named. */
export function withServedOwner<Flags extends GlobalFlags & EmulatorSettings>(flags: Flags): Flags {
  if (flags.generation !== "legacy" || flags.investor !== undefined || flags.account !== undefined) return flags;
  return { ...flags, account: EMULATOR_ACCESS.accountId };
}

/** Throws `invalid_usage` for a flag of the emulator if the command uses none; `reason` is why. */
export function refuseEmulatorFlags(flags: EmulatorSettings, reason: string): void {
  const [name] = Object.keys(emulatorSettings(flags));
  if (name === undefined) return;
  throw new AppError("invalid_usage", `--${name} is only for the emulator: ${reason}`, {
    hint: `Remove --${name}, or add --env emulator.`,
  });
}
