import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { describe, expect, it, onTestFinished } from "vitest";
import { readDelivery } from "../../src/core/delivery.ts";
import { openStore } from "../../src/store/store.ts";
import { BIN } from "./cli.ts";
import { tempFolder } from "./temp.ts";

const PACKAGE = "/usr/share/bash-completion/bash_completion";
const load = (shell: string) => `source <(bluum-hooks completion ${shell})`;

/** Common shells, and how the program is made known to each. */
export const SHELLS = [
  { name: "bash", program: ["bash", "--norc", "--noprofile", "-i"], init: load("bash"), needs: "/" },
  {
    name: "bash with the package bash-completion, loaded twice",
    program: ["bash", "--norc", "--noprofile", "-i"],
    init: `source ${PACKAGE}; ${load("bash")}; ${load("bash")}`,
    needs: PACKAGE,
  },
  {
    name: "zsh",
    program: ["zsh", "-f", "-i"],
    init: `autoload -U compinit; compinit -u -D; ${load("zsh")}`,
    needs: "/",
  },
  { name: "fish", program: ["fish", "-N"], init: "bluum-hooks completion fish | source", needs: "/" },
] as const;

function isInstalled({ program: [command], needs }: (typeof SHELLS)[number]): boolean {
  return existsSync(needs) && spawnSync(command, ["-c", "true"]).error === undefined;
}

/** A folder with a file to complete, the program in the path, and a home with a webhook and a delivery. */
async function prepare() {
  const folder = tempFolder();
  mkdirSync(join(folder, "bin"));
  symlinkSync(BIN, join(folder, "bin", "bluum-hooks"));
  const home = join(folder, "home");
  mkdirSync(home);
  const webhooks = { wh_known: { baseUrl: "https://sandbox.api.bluumfinance.com/v1", createdByUs: true } };
  writeFileSync(join(home, "config.json"), JSON.stringify({ environments: { production: { webhooks } } }));
  writeFileSync(join(folder, "notes.env"), "");
  await seed(home);
  const env = {
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    HOME: folder,
    TERM: "dumb",
    PS1: "$ ",
    BLUUM_HOOKS_HOME: home,
  };
  return { folder, env };
}

/** An interactive shell on its own terminal, with the program in its path. */
export async function openShell({ program: [command, ...args], init }: (typeof SHELLS)[number]) {
  const { folder, env } = await prepare();
  const terminal = spawn(command, args, {
    cols: 160,
    rows: 40,
    cwd: folder,
    env,
  });
  const ended = new Promise((resolve) => terminal.onExit(resolve));
  onTestFinished(async () => {
    terminal.kill("SIGKILL");
    await ended;
  });
  let screen = "";
  const watchers = new Set<() => void>();
  terminal.onData((text) => {
    screen += text;
    for (const watcher of watchers) watcher();
  });
  const found = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const look = () => {
        const [, text] = pattern.exec(screen) ?? [];
        if (text === undefined) return;
        watchers.delete(look);
        resolve(text);
      };
      watchers.add(look);
      look();
    });
  /** Sends keys, and waits until the shell has processed them. */
  const type = async (keys: string) => {
    screen = "";
    // The quotes distinguish the typed line from its output.
    terminal.write(`${keys}\recho all''done\r`);
    await found(/(alldone)/);
  };
  await type(init);
  return {
    folder,
    type,
    /** The line after TAB, printed by the shell with a word before it. */
    completed: async (typed: string) => {
      screen = "";
      terminal.write(`${typed}\t\u0001echo line''is\u0020\r`);
      return (await found(/lineis ([^\r\n]*)\r?\n/)).trim();
    },
  };
}

/** Creates a store with one delivery for one order. */
async function seed(folder: string): Promise<void> {
  await using store = await openStore({ folder });
  const body = Buffer.from('{"event":"order.filled","data":{"id":"ord_seeded"}}');
  const request = { method: "POST", path: "/", headers: [], body, receivedAt: 1_750_000_000_000 };
  await store.append(readDelivery("dlv_seeded", request), { verdict: "unsigned" }, "sandbox");
}

/** A typed line, and its completion by TAB. */
export type TabLine = readonly [typed: string, completed: string];

/** Tests each line in each installed shell. */
export function completesInEveryShell(lines: readonly TabLine[]): void {
  describe.each(SHELLS)("TAB in $name", (shell) => {
    it.skipIf(!isInstalled(shell))("completes commands, flags, choices, event names, webhooks and files", async () => {
      const { completed } = await openShell(shell);
      const seen: string[] = [];
      for (const [typed] of lines) seen.push(await completed(typed));
      expect(seen).toStrictEqual(lines.map(([, whole]) => whole));
    });
  });
}

/** How a script asks each shell for its suggestions, one for each line. */
const OFFERS = [
  {
    shell: SHELLS[0],
    script: (words: string) => `
      ${load("bash")}
      COMP_LINE=${JSON.stringify(words)}; COMP_POINT=\${#COMP_LINE}
      compopt() { :; }
      __bluum_hooks_complete
      printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  {
    shell: SHELLS[3],
    script: (words: string) => `bluum-hooks completion fish | source; complete -C ${JSON.stringify(words)}`,
  },
];

/** A typed line and its suggestions, separately for each shell if they differ. */
export type Offer = readonly [typed: string, offered: readonly string[] | Readonly<Record<string, readonly string[]>>];

/** Tests the suggestions of each shell for a script. */
export function offersToScripts(offers: readonly Offer[]): void {
  describe.each(OFFERS)("$shell.name, asked by a script,", ({ shell, script }) => {
    it.skipIf(!isInstalled(shell))("offers ids, recipes and checks by name, and files for file arguments", async () => {
      const { folder, env } = await prepare();
      const [command] = shell.program;
      for (const [typed, expected] of offers) {
        const { stdout } = spawnSync(command, ["-c", script(typed)], { cwd: folder, env, encoding: "utf8" });
        const offered = stdout
          .split("\n")
          .flatMap((line) => (line === "" ? [] : (line.split("\t")[0] ?? "").split(/\s/)[0]));
        expect(offered).toStrictEqual("length" in expected ? expected : expected[command]);
      }
    });
  });
}
