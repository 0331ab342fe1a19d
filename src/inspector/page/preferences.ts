// The user's settings for this browser, or for this session.
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

const read = (storage: Storage, name: string) => storage.getItem(`bluum-hooks ${name}`);
const write = (storage: Storage, name: string, value: string) => storage.setItem(`bluum-hooks ${name}`, value);

export const theme = signal<Theme>(THEMES.find((each) => each === read(localStorage, "theme")) ?? "system");
/** Shortcuts with a single letter, which speech input can trigger by accident. */
export const hasSingleKeys = signal(read(localStorage, "keys") !== "off");
export const isPersonalHidden = signal(read(sessionStorage, "personal") === "hidden");

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "system";
}

export function keepPreferences(): void {
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const isSystemDark = signal(systemDark.matches);
  systemDark.addEventListener("change", ({ matches }) => (isSystemDark.value = matches));
  effect(() => {
    write(localStorage, "theme", theme.value);
    const shown = theme.value === "system" ? (isSystemDark.value ? "dark" : "light") : theme.value;
    document.documentElement.dataset["theme"] = shown;
  });
  effect(() => write(localStorage, "keys", hasSingleKeys.value ? "on" : "off"));
  effect(() => write(sessionStorage, "personal", isPersonalHidden.value ? "hidden" : "shown"));
}
