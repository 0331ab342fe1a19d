import { addHelp } from "./shared/help.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { completionText, shellScript, SHELLS, type Shell } from "../completion/shells.ts";
import { suggest } from "../completion/suggest.ts";
import type { Slot, Suggestion } from "../completion/tree.ts";
import { homeFolder } from "../config/folders.ts";
import { peekProjectFile } from "../config/project-file.ts";
import { peekProfile, withDefaultEnvironment } from "../config/read-config.ts";
import { STORED_SETTINGS } from "../config/stored-settings.ts";
import type { Context } from "../context.ts";
import { EVENT_TYPES, eventPatterns } from "../core/events.ts";
import { PERMISSIONS } from "../features/agents/permissions.ts";
import { localTime } from "../core/local-time.ts";
import { clean } from "../output/privacy/clean.ts";
import { TUNNEL_PROGRAMS } from "../tunnel/programs.ts";
import type { CommandDeps } from "./shared/command.ts";

const INSTALL: Record<Shell, string> = {
  bash: "echo 'source <(bluum-hooks completion bash)' >> ~/.bashrc",
  zsh: "echo 'source <(bluum-hooks completion zsh)' >> ~/.zshrc   # after compinit",
  fish: "bluum-hooks completion fish > ~/.config/fish/completions/bluum-hooks.fish",
};

export function define(command: Command, { context }: CommandDeps): void {
  addHelp(command, {
    details: `The script completes commands, flags and their values, event names, and the webhooks and deliveries known on this machine. It does not use the network.`,
    examples: SHELLS.map((shell) => `  $ ${INSTALL[shell]}\n`).join(""),
  });
  for (const shell of SHELLS) {
    const own = command
      .command(shell)
      .description(`print the completion script for ${shell}`)
      .action(() => context.stdout.write(shellScript(shell)));
    own
      .command("complete", { hidden: true })
      .argument("[words...]")
      .action(async (words: string[], _flags: unknown, self: Command) => {
        const program = programOf(self);
        const completed = await suggest(program, words, (slot) =>
          // Any failure must print nothing at a TAB.
          valuesFor(slot, words, program, context).catch(() => []),
        );
        context.stdout.write(completionText(shell, completed));
      });
  }
}

function programOf(command: Command): Command {
  return command.parent === null ? command : programOf(command.parent);
}

const EVENT_FLAGS = new Set(["--events", "--event", "--until", "--wait"]);
/** Without `command:`, which only the user can complete. */
const TUNNELS = ["ngrok", ...Object.keys(TUNNEL_PROGRAMS), "none"];
const CHECK_FLAGS = new Set(["--only", "--skip"]);
const MAX_DELIVERIES = 20;
/** Orders and transfers have a few deliveries each. */
const MAX_SEARCHED = 100;

async function valuesFor(
  slot: Slot,
  words: readonly string[],
  program: Command,
  context: Context,
): Promise<readonly Suggestion[]> {
  const folder = homeFolder(context.env);
  if (slot.kind === "option") {
    const flag = slot.option.long ?? "";
    if (EVENT_FLAGS.has(flag)) return [...eventNames(), ...patternNames()];
    if (flag === "--webhook") return webhooks(folder, words, context);
    if (flag === "--allow") return PERMISSIONS.map((value) => ({ value, description: "" }));
    if (flag === "--tunnel") return TUNNELS.map((value) => ({ value, description: "" }));
    if (flag === "--resource") return resources(folder, context);
    return slot.command === "check" && CHECK_FLAGS.has(flag) ? checkNames() : [];
  }
  const [first = "", second] = slot.command.split(" ");
  switch (first) {
    case "webhooks":
      return webhooks(folder, words, context);
    case "events":
      return second === "timeline" ? resources(folder, context) : deliveries(folder, context);
    case "trigger":
      return second === "event" ? eventNames() : second === "recipe" ? recipes(context) : [];
    case "config":
      return slot.argument.name() === "name" ? settingNames(second === "set") : [];
    case "help":
      return [
        ...program.commands.map((each) => ({ value: each.name(), description: each.summary() || each.description() })),
        { value: "flags", description: "the flags that every command accepts" },
      ];
    default:
      return [];
  }
}

function eventNames(): Suggestion[] {
  return Object.entries(EVENT_TYPES).map(([value, description]) => ({ value, description }));
}

/** `order.*` for every prefix that several names share, and `*`. */
function patternNames(): Suggestion[] {
  return [
    ...eventPatterns(Object.keys(EVENT_TYPES)).map((value) => ({
      value,
      description: `every ${value.slice(0, -2)} event`,
    })),
    { value: "*", description: "every event" },
  ];
}

/** The webhooks of the profile: a request to the API would delay every TAB. */
function webhooks(folder: string, words: readonly string[], context: Context): Suggestion[] {
  const { webhooks: known, webhookId } = peekProfile(folder, environmentIn(words, context));
  return Object.keys(known)
    .filter((id) => /^[\w.-]+$/.test(id))
    .map((id) => ({ value: id, description: id === webhookId ? "last used" : "saved" }));
}

function environmentIn(words: readonly string[], { env, cwd }: Pick<Context, "env" | "cwd">): string {
  const at = words.lastIndexOf("--env");
  const attached = words.findLast((word) => word.startsWith("--env="));
  const flag = at === -1 ? attached?.slice("--env=".length) : words[at + 1];
  if (flag !== undefined) return flag;
  const project = cwd === undefined ? undefined : peekProjectFile(cwd);
  return withDefaultEnvironment(env, homeFolder(env), project).env["BLUUM_ENV"]?.trim() || "sandbox";
}

/** The orders, transfers and similar resources of the newest deliveries. */
async function resources(folder: string, context: Context): Promise<Suggestion[]> {
  const newest = await newestDeliveries(folder, context, MAX_SEARCHED);
  const described = new Map<string, string>();
  for (const { resourceId, event } of newest) {
    if (resourceId === null || !/^[\w.:-]+$/.test(resourceId) || described.has(resourceId)) continue;
    described.set(resourceId, `last event: ${clean(event ?? "unknown")}`);
  }
  return [...described].map(([value, description]) => ({ value, description }));
}

/** The bundled recipes; any other recipe is a file. */
async function recipes({ recipesFolder }: Context): Promise<Suggestion[]> {
  const { listRecipes } = await import("../features/recipes/library.ts");
  return (await listRecipes(recipesFolder)).map(({ name, description }) => ({
    value: name,
    description: clean(description ?? ""),
  }));
}

/** Checks, and groups of them. */
async function checkNames(): Promise<Suggestion[]> {
  const { checklist } = await import("../checks/check-table.ts");
  const checks = checklist();
  return [
    ...[...new Set(checks.map(({ group }) => group))].map((value) => ({ value, description: `every ${value} check` })),
    ...checks.map(({ id, title }) => ({ value: id, description: title })),
  ];
}

async function newestDeliveries(folder: string, context: Context, limit: number) {
  if (!existsSync(join(folder, "store.db"))) return [];
  await using store = await context.peekStore(folder);
  return await store.list({ limit });
}

async function deliveries(folder: string, context: Context): Promise<Suggestion[]> {
  const newest = await newestDeliveries(folder, context, MAX_DELIVERIES);
  const described = newest.map(({ id, event, receivedAt }) => ({
    value: id,
    description: `${clean(event ?? "unknown event")}, ${localTime(receivedAt)}`,
  }));
  return described.length === 0 ? [] : [{ value: "last", description: "the newest delivery" }, ...described];
}

function settingNames(isWritable: boolean): Suggestion[] {
  return STORED_SETTINGS.filter(({ isSecret }) => !(isWritable && isSecret)).map(({ name, isSecret }) => ({
    value: name,
    description: isSecret ? "a secret" : "",
  }));
}
