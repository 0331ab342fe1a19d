/** The keyboard shortcuts: this table defines the bindings, the dialog that lists them and the documentation. */
export const SHORTCUTS = [
  { action: "next", keys: ["j", "ArrowDown"], about: "next delivery", group: "Move" },
  { action: "previous", keys: ["k", "ArrowUp"], about: "previous delivery", group: "Move" },
  { action: "nextFailed", keys: ["n"], about: "next failed delivery", group: "Move" },
  { action: "previousFailed", keys: ["p"], about: "previous failed delivery", group: "Move" },
  { action: "newest", keys: ["g"], about: "newest, with new arrivals", group: "Move" },
  { action: "oldest", keys: ["G"], about: "oldest", group: "Move" },
  { action: "open", keys: ["Enter"], about: "open", group: "Move" },
  { action: "close", keys: ["Escape"], about: "close, then clear the filter", group: "Move" },
  { action: "replay", keys: ["r"], about: "replay", group: "Act" },
  { action: "edit", keys: ["e"], about: "edit and replay", group: "Act" },
  { action: "trigger", keys: ["t"], about: "trigger an order or event", group: "Act" },
  { action: "compare", keys: ["c"], about: "mark, then compare with the marked delivery", group: "Act" },
  { action: "copyId", keys: ["y"], about: "copy the ID", group: "Act" },
  { action: "copyCurl", keys: ["Y"], about: "copy as curl, redacted", group: "Act" },
  { action: "filter", keys: ["/"], about: "filter", group: "Show" },
  {
    action: "tab",
    keys: ["1", "2", "3", "4", "5", "6", "7"],
    about: "payload, headers, signature, attempts, timeline, raw, hex",
    group: "Show",
  },
  { action: "theme", keys: ["T"], about: "theme: system, light, dark", group: "Show" },
  { action: "shortcuts", keys: ["?"], about: "shortcuts", group: "Show" },
] as const satisfies readonly {
  readonly action: string;
  readonly keys: readonly string[];
  readonly about: string;
  readonly group: "Move" | "Act" | "Show";
}[];

export type Shortcut = (typeof SHORTCUTS)[number];

const NAMES: Readonly<Record<string, string>> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc" };

/** The keys for display: `j` and `↓`, or `1–7`. */
export function keyNames({ keys }: Shortcut): readonly string[] {
  const named = keys.map((key) => NAMES[key] ?? key);
  return named.length > 2 ? [`${named[0] ?? ""}–${named.at(-1) ?? ""}`] : named;
}
