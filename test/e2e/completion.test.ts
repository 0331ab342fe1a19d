import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "@lydell/node-pty";
import { describe, expect, it, onTestFinished } from "vitest";
import { readDelivery } from "../../src/core/delivery.ts";
import { openStore } from "../../src/store/store.ts";
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

/** A folder with a file to complete, the program in the path, and a home that knows a webhook and a delivery. */
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

/** An interactive shell on a terminal of its own, with the program in its path. */
async function openShell({ program: [command, ...args], init }: (typeof SHELLS)[number]) {
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

/** A store with one delivery about one order. */
async function seed(folder: string): Promise<void> {
  await using store = await openStore({ folder });
  const body = Buffer.from('{"event":"order.filled","data":{"id":"ord_seeded"}}');
  const request = { method: "POST", path: "/", headers: [], body, receivedAt: 1_750_000_000_000 };
  await store.append(readDelivery("dlv_seeded", request), { verdict: "unsigned" }, "sandbox");
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
  ["bluum-hooks --env-file=note", "bluum-hooks --env-file=notes.env"],
  ["bluum-hooks sign note", "bluum-hooks sign notes.env"],
  ["bluum-hooks sign --scheme hex home/conf", "bluum-hooks sign --scheme hex home/config.json"],
  ["bluum-hooks verify note", "bluum-hooks verify notes.env"],
  ["bluum-hooks verify --headers-file note", "bluum-hooks verify --headers-file notes.env"],
  ["bluum-hooks check --ca note", "bluum-hooks check --ca notes.env"],
  ["bluum-hooks trigger recipe note", "bluum-hooks trigger recipe notes.env"],
  ["bluum-hooks trigger recipe fund", "bluum-hooks trigger recipe fund-then-buy"],
  ["bluum-hooks exec -- cat note", "bluum-hooks exec -- cat notes.env"],
  ["bluum-hooks exec --env emulator -- ./note", "bluum-hooks exec --env emulator -- ./notes.env"],
  ["bluum-hooks events timeline ord_", "bluum-hooks events timeline ord_seeded"],
  ["bluum-hooks events list --resource ord_", "bluum-hooks events list --resource ord_seeded"],
  ["bluum-hooks events show dlv_", "bluum-hooks events show dlv_seeded"],
];

describe.each(SHELLS)("TAB in $name", (shell) => {
  it.skipIf(!isInstalled(shell))("completes commands, flags, choices, event names, webhooks and files", async () => {
    const { completed } = await openShell(shell);
    const lines: string[] = [];
    for (const [typed] of LINES) lines.push(await completed(typed));
    expect(lines).toStrictEqual(LINES.map(([, whole]) => whole));
  });
});

/** How a script asks each shell what it would offer, a line for each. */
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

describe.each(OFFERS)("$shell.name, asked by a script,", ({ shell, script }) => {
  it.skipIf(!isInstalled(shell))("offers ids, recipes and checks by name, and files where one is meant", async () => {
    const { folder, env } = await prepare();
    const [command] = shell.program;
    const offered = (words: string) => {
      const { stdout } = spawnSync(command, ["-c", script(words)], { cwd: folder, env, encoding: "utf8" });
      return stdout.split("\n").flatMap((line) => (line === "" ? [] : (line.split("\t")[0] ?? "").split(/\s/)[0]));
    };
    expect(offered("bluum-hooks events timeline ")).toStrictEqual(["ord_seeded"]);
    expect(offered("bluum-hooks events show d")).toStrictEqual(["dlv_seeded"]);
    expect(offered("bluum-hooks trigger recipe ")).toContain("fund-then-buy");
    expect(offered("bluum-hooks check --only signature.st")).toStrictEqual(["signature.stale"]);
    // bash looks for files itself, once the function has nothing to offer.
    const files = offered("bluum-hooks sign note");
    expect(files).toStrictEqual(command === "bash" ? [] : ["notes.env"]);
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
