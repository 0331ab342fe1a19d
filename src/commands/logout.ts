import type { Command } from "commander";
import type { GlobalFlags } from "./shared/flags.ts";
import { removeLogin } from "../config/save-login.ts";
import { chooseEnvironment } from "../config/settings.ts";
import type { Context } from "../context.ts";
import { ENVIRONMENTS } from "../core/environments.ts";
import { clean } from "../output/privacy/clean.ts";
import type { CommandDeps } from "./shared/command.ts";
import { openWorkspace } from "./shared/workspace.ts";

interface LogoutFlags extends GlobalFlags {
  readonly all?: boolean;
  readonly webhooks?: boolean;
}

export function define(command: Command, { context }: CommandDeps): void {
  command
    .option("--all", "for every environment")
    .option("--webhooks", "forget the webhooks too, with their signing secrets")
    .addHelpText(
      "after",
      `
Removes the key pair of an environment and whose orders were meant; with the
last pair goes ngrok's authtoken. Webhooks stay known, because their signing
secrets cannot be had again: --webhooks forgets them.

Examples:
  $ bluum-hooks logout
  $ bluum-hooks logout --all --webhooks
`,
    )
    .action(async (_flags: unknown, self: Command) => runLogout(self.optsWithGlobals<LogoutFlags>(), context));
}

async function runLogout(flags: LogoutFlags, context: Context): Promise<void> {
  await using workspace = await openWorkspace(flags, context, { toleratesFaults: true });
  const config = await workspace.openConfig();
  const environments = flags.all === true ? ENVIRONMENTS : [chooseEnvironment({ flags, env: workspace.env })];
  const { removed, secretsKept, isNgrokKept } = await removeLogin(config, ENVIRONMENTS, {
    environments,
    forgetWebhooks: flags.webhooks === true,
  });
  workspace.print({ environments, removed, secretsKept, isNgrokKept, path: config.path }, () =>
    removed.map((what) => `removed  ${clean(what)}\n`).join(""),
  );
  if (removed.length === 0) workspace.say(`Nothing was stored for ${environments.join(", ")}.`);
  if (isNgrokKept) workspace.say("ngrok's authtoken is kept: another environment is still logged in. See --all.");
  if (secretsKept > 0) {
    workspace.say(`Kept: the signing secrets of ${secretsKept} webhook(s), which cannot be had again. See --webhooks.`);
  }
  const set = ["BLUUM_API_KEY", "BLUUM_API_SECRET", "BLUUM_SECRET_KEY", "NGROK_AUTHTOKEN"].filter((name) =>
    workspace.env[name]?.trim(),
  );
  if (set.length > 0) workspace.say(`Mind that ${set.join(", ")} is set here, and still used.`);
}
