// One table defines the shortcuts, the dialog that lists them and the documentation.
import {
  closeOne,
  compare,
  copyCurl,
  copyId,
  move,
  moveTo,
  moveToFailed,
  openCursor,
  openDialog,
  showTab,
  toNewest,
} from "./actions.ts";
import { hasSingleKeys, nextTheme } from "./preferences.ts";
import { dialog, TABS } from "./state.ts";

interface Shortcut {
  readonly keys: readonly string[];
  readonly about: string;
  readonly group: "Move" | "Act" | "Show";
  readonly run: (key: string) => void;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["j", "ArrowDown"], about: "next delivery", group: "Move", run: () => move(1) },
  { keys: ["k", "ArrowUp"], about: "previous delivery", group: "Move", run: () => move(-1) },
  { keys: ["n"], about: "next that failed", group: "Move", run: () => moveToFailed(1) },
  { keys: ["p"], about: "previous that failed", group: "Move", run: () => moveToFailed(-1) },
  { keys: ["g"], about: "newest, with those that are new", group: "Move", run: toNewest },
  { keys: ["G"], about: "oldest", group: "Move", run: () => moveTo(0) },
  { keys: ["Enter"], about: "open", group: "Move", run: openCursor },
  { keys: ["Escape"], about: "close, then clear the filter", group: "Move", run: closeOne },
  { keys: ["r"], about: "replay", group: "Act", run: () => openDialog("replay") },
  { keys: ["e"], about: "edit and replay", group: "Act", run: () => openDialog("edit") },
  { keys: ["c"], about: "mark, then compare with the marked one", group: "Act", run: compare },
  { keys: ["y"], about: "copy the ID", group: "Act", run: () => void copyId() },
  { keys: ["Y"], about: "copy as curl, redacted", group: "Act", run: () => void copyCurl() },
  { keys: ["/"], about: "filter", group: "Show", run: focusFilter },
  {
    keys: TABS.map((_, index) => String(index + 1)),
    about: "payload, headers, signature, attempts, timeline, raw, hex",
    group: "Show",
    run: (key) => showTab(TABS[Number(key) - 1] ?? "payload"),
  },
  { keys: ["t"], about: "theme: system, light, dark", group: "Show", run: nextTheme },
  { keys: ["?"], about: "shortcuts", group: "Show", run: () => (dialog.value = { kind: "shortcuts" }) },
];

const NAMES: Readonly<Record<string, string>> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

export function keyNames({ keys }: Shortcut): readonly string[] {
  const named = keys.map((key) => NAMES[key] ?? key);
  return named.length > 2 ? [`${named[0] ?? ""}–${named.at(-1) ?? ""}`] : named;
}

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || dialog.peek() !== null) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, textarea, select, [contenteditable], [data-keys]") != null) return;
    // For a button or link, these keys keep their usual function.
    if (event.key === "Enter" && target?.closest("button, a, summary") != null) return;
    if (event.key.length === 1 && !hasSingleKeys.peek()) return;
    const shortcut = SHORTCUTS.find(({ keys }) => keys.includes(event.key));
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.run(event.key);
  });
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>("#filter")?.focus();
}
