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
  openTrigger,
  showTab,
  toNewest,
} from "./actions.ts";
import { hasSingleKeys, nextTheme } from "./preferences.ts";
import { SHORTCUTS, type Shortcut } from "./shortcut-table.ts";
import { dialog, TABS } from "./state.ts";

const ACTIONS: Readonly<Record<Shortcut["action"], (key: string) => void>> = {
  next: () => move(1),
  previous: () => move(-1),
  nextFailed: () => void moveToFailed("older"),
  previousFailed: () => void moveToFailed("newer"),
  newest: toNewest,
  oldest: () => moveTo(0),
  open: openCursor,
  close: closeOne,
  replay: () => openDialog("replay"),
  edit: () => openDialog("edit"),
  trigger: openTrigger,
  compare,
  copyId: () => void copyId(),
  copyCurl: () => void copyCurl(),
  filter: () => document.querySelector<HTMLInputElement>("#filter")?.focus(),
  tab: (key) => showTab(TABS[Number(key) - 1] ?? "payload"),
  theme: nextTheme,
  shortcuts: () => (dialog.value = { kind: "shortcuts" }),
};

export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || dialog.peek() !== null) return;
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, textarea, select, [contenteditable]") != null) return;
    // For a button or link, these keys keep their usual function.
    if (event.key === "Enter" && target?.closest("button, a, summary") != null) return;
    if (event.key.length === 1 && !hasSingleKeys.peek()) return;
    const shortcut = SHORTCUTS.find(({ keys }) => (keys as readonly string[]).includes(event.key));
    if (shortcut === undefined) return;
    event.preventDefault();
    ACTIONS[shortcut.action](event.key);
  });
}
