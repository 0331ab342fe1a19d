import { completesInEveryShell, offersToScripts, type TabLine } from "../support/completion.ts";

const LINES: readonly TabLine[] = [
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

completesInEveryShell(LINES);

offersToScripts([
  ["bluum-hooks events show d", ["dlv_seeded"]],
  ["bluum-hooks check --only signature.st", ["signature.stale"]],
  // bash itself looks for files if the function has no suggestions.
  ["bluum-hooks sign note", { bash: [], fish: ["notes.env"] }],
]);
