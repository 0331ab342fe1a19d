import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { completesInEveryShell, offersToScripts, openShell, SHELLS } from "../support/completion.ts";

// One line of each kind; completion.slow.test.ts has all positions.
completesInEveryShell([
  ["bluum-hooks comp", "bluum-hooks completion"],
  ["bluum-hooks listen --eve", "bluum-hooks listen --events"],
  ["bluum-hooks --env=em", "bluum-hooks --env=emulator"],
  [
    "bluum-hooks listen --events order.filled,document.ap",
    "bluum-hooks listen --events order.filled,document.approved",
  ],
  ["bluum-hooks --env production webhooks show wh_", "bluum-hooks --env production webhooks show wh_known"],
  ["bluum-hooks sign note", "bluum-hooks sign notes.env"],
]);

offersToScripts([
  ["bluum-hooks events timeline ", ["ord_seeded"]],
  ["bluum-hooks trigger recipe fund", ["fund-then-buy"]],
]);

it("TAB in bash executes nothing of the typed text", async () => {
  const shell = await openShell(SHELLS[0]);
  const file = join(shell.folder, "kept.json");
  writeFileSync(file, "kept");
  // Ctrl-A, and the line becomes a comment.
  await shell.type("bluum-hooks events list > kept.json --sin\t\u0001# ");
  await shell.type("bluum-hooks listen --name $(touch made) --eve\t\u0001# ");
  expect(readFileSync(file, "utf8")).toBe("kept");
  expect(existsSync(join(shell.folder, "made"))).toBe(false);
});
