import { addHelp } from "./shared/help.ts";
import type { Command } from "commander";
import { removeLogin } from "../config/save-login.ts";
import { chooseEnvironment } from "../config/settings.ts";
import { ENVIRONMENTS } from "../core/environments.ts";
import { clean } from "../output/privacy/clean.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

interface LogoutFlags extends GlobalFlags {
  readonly all?: boolean;
  readonly webhooks?: boolean;
}

const HELP = {
  details: `Removes the key pair and the owner saved for an environment, and the ngrok authtoken with the last key pair. Signing secrets of webhooks are kept, because they cannot be recovered; delete them with --webhooks.`,
  examples: `  $ bluum-hooks logout
  $ bluum-hooks logout --all --webhooks`,
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, HELP)
    .option("--all", "log out of every environment")
    .option("--webhooks", "delete saved webhooks and their signing secrets too")
    .action(inWorkspace(context, runLogout, { toleratesFaults: true }));
}

async function runLogout(workspace: Workspace, flags: LogoutFlags): Promise<void> {
  const config = await workspace.openConfig();
  const environments = flags.all === true ? ENVIRONMENTS : [chooseEnvironment({ flags, env: workspace.env })];
  const { removed, secretsKept, isNgrokKept } = await removeLogin(config, ENVIRONMENTS, {
    environments,
    forgetWebhooks: flags.webhooks === true,
  });
  workspace.print({ environments, removed, secretsKept, isNgrokKept, path: config.path }, () =>
    removed.map((what) => `removed  ${clean(what)}\n`).join(""),
  );
  if (removed.length === 0) workspace.say(`Nothing was saved for ${environments.join(", ")}.`);
  if (isNgrokKept)
    workspace.say(
      "The ngrok authtoken is kept, because another environment is still logged in. To remove it, add --all.",
    );
  if (secretsKept > 0) {
    workspace.say(
      `The signing secrets of ${secretsKept} webhook(s) are kept, because they cannot be recovered. To delete them, add --webhooks.`,
    );
  }
  const set = ["BLUUM_API_KEY", "BLUUM_API_SECRET", "BLUUM_SECRET_KEY", "NGROK_AUTHTOKEN"].filter((name) =>
    workspace.env[name]?.trim(),
  );
  if (set.length > 0) workspace.say(`Note: ${set.join(", ")} is set and is still used.`);
}
