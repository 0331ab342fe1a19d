import type { Command } from "commander";
import type { GlobalFlags } from "../cli.ts";
import type { Context } from "../context.ts";
import { requireCredentials } from "../config/settings.ts";
import { constants } from "node:os";
import { ensureEmulator } from "../session/emulator.ts";
import type { CommandDeps } from "./command.ts";
import { openWorkspace } from "./workspace.ts";

export function define(command: Command, { context, setExitCode }: CommandDeps): void {
  command
    .argument("<command...>", "what to run, after --")
    .addHelpText(
      "after",
      `
The command finds the API through BLUUM_BASE_URL, BLUUM_API_KEY,
BLUUM_API_SECRET, BLUUM_INVESTOR_ID or BLUUM_ACCOUNT_ID, and BLUUM_ENV. Its exit
code becomes ours.

Examples:
  $ bluum-hooks exec --env emulator -- npm test
  $ bluum-hooks exec -- sh -c 'curl -u "$BLUUM_API_KEY:$BLUUM_API_SECRET" "$BLUUM_BASE_URL/webhooks"'
`,
    )
    .action(async (words: string[], _flags: unknown, self: Command) => {
      setExitCode(await runExec(words, self.optsWithGlobals<GlobalFlags>(), context));
    });
}

async function runExec(words: readonly string[], flags: GlobalFlags, context: Context): Promise<number> {
  await using workspace = await openWorkspace(
    { ...flags, env: flags.env ?? context.env["BLUUM_ENV"] ?? "emulator" },
    context,
  );
  const { settings } = workspace;
  await using emulator =
    settings.environment === "emulator" ? await ensureEmulator(settings.baseUrl, context) : undefined;
  const { apiKey, apiSecret } = requireCredentials(settings);
  const { owner } = settings;
  const end = await context.run(words, {
    BLUUM_ENV: settings.environment,
    BLUUM_BASE_URL: emulator?.baseUrl ?? settings.baseUrl,
    BLUUM_API_KEY: apiKey,
    BLUUM_API_SECRET: apiSecret,
    ...(owner?.generation === "current" ? { BLUUM_INVESTOR_ID: owner.investorId } : {}),
    ...(owner?.generation === "legacy" ? { BLUUM_ACCOUNT_ID: owner.accountId } : {}),
  });
  if (end.code !== null) return end.code;
  return 128 + (constants.signals[end.signal as NodeJS.Signals] ?? 0);
}
