import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { describe, expect, it, onTestFinished } from "vitest";
import { tempFolder } from "../support/temp.ts";

const BIN = fileURLToPath(new URL("../../bin/bluum-hooks.js", import.meta.url));
const PACKAGE = "/usr/share/bash-completion/bash_completion";
const load = (shell: string) => `source <(bluum-hooks completion ${shell})`;

/** Shells of people, and how each comes to know the program. */
const SHELLS = [
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

/** An interactive shell on a terminal of its own, with the program in its path. */
async function openShell({ program: [command, ...args], init }: (typeof SHELLS)[number]) {
  const folder = tempFolder();
  mkdirSync(join(folder, "bin"));
  symlinkSync(BIN, join(folder, "bin", "bluum-hooks"));
  const home = join(folder, "home");
  mkdirSync(home);
  const webhooks = { wh_known: { baseUrl: "https://sandbox.api.bluumfinance.com/v1", createdByUs: true } };
  writeFileSync(join(home, "config.json"), JSON.stringify({ environments: { production: { webhooks } } }));
  writeFileSync(join(folder, "notes.env"), "");
  const terminal = spawn(command, args, {
    cols: 160,
    rows: 40,
    cwd: folder,
    env: {
      PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
      HOME: folder,
      TERM: "dumb",
      PS1: "$ ",
      BLUUM_HOOKS_HOME: home,
    },
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
  /** Takes keys, and waits until the shell has dealt with all of them. */
  const type = async (keys: string) => {
    screen = "";
    // The quotes tell the line that is typed from what it prints.
    terminal.write(`${keys}\recho all''done\r`);
    await found(/(alldone)/);
  };
  await type(init);
  return {
    folder,
    type,
    /** The line as it is after TAB: printed by the shell, from a word put before it. */
    completed: async (typed: string) => {
      screen = "";
      terminal.write(`${typed}\t\u0001echo line''is\u0020\r`);
      return (await found(/lineis ([^\r\n]*)\r?\n/)).trim();
    },
  };
}

const LINES: readonly (readonly [typed: string, completed: string])[] = [
  ["bluum-hooks comp", "bluum-hooks completion"],
  ["bluum-hooks webhooks upd", "bluum-hooks webhooks update"],
  ["bluum-hooks listen --eve", "bluum-hooks listen --events"],
  ["bluum-hooks --env em", "bluum-hooks --env emulator"],
  ["bluum-hooks --env=em", "bluum-hooks --env=emulator"],
  ["bluum-hooks listen --events order.f", "bluum-hooks listen --events order.filled"],
  [
    "bluum-hooks listen --events order.filled,document.ap",
    "bluum-hooks listen --events order.filled,document.approved",
  ],
  ["bluum-hooks --env production webhooks show wh_", "bluum-hooks --env production webhooks show wh_known"],
  ["bluum-hooks config set ngr", "bluum-hooks config set ngrok-domain"],
  ["bluum-hooks --env-file note", "bluum-hooks --env-file notes.env"],
];

describe.each(SHELLS)("TAB in $name", (shell) => {
  it.skipIf(!isInstalled(shell))("completes commands, flags, choices, event names, webhooks and files", async () => {
    const { completed } = await openShell(shell);
    const lines: string[] = [];
    for (const [typed] of LINES) lines.push(await completed(typed));
    expect(lines).toStrictEqual(LINES.map(([, whole]) => whole));
  });
});

it("TAB in bash carries out nothing of what is typed", async () => {
  const shell = await openShell(SHELLS[0]);
  const file = join(shell.folder, "kept.json");
  writeFileSync(file, "kept");
  // Ctrl-A, and the line becomes a comment.
  await shell.type("bluum-hooks events list > kept.json --sin\t\u0001# ");
  await shell.type("bluum-hooks listen --name $(touch made) --eve\t\u0001# ");
  expect(readFileSync(file, "utf8")).toBe("kept");
  expect(existsSync(join(shell.folder, "made"))).toBe(false);
});
