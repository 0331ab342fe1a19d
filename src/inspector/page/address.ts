// The URL describes the view, so that it can be copied, reloaded and reached with the back button.
import { effect, untracked } from "@preact/signals";
import { query, view, type View } from "./state.ts";

export function viewOf(path: string): View {
  const [kind, one, other] = path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  if (kind === "d" && one !== undefined) return { kind: "delivery", id: one };
  if (kind === "r" && one !== undefined) return { kind: "resource", id: one };
  if (kind === "compare" && one !== undefined && other !== undefined) return { kind: "compare", one, other };
  return { kind: "list" };
}

export function addressOf(shown: View, q: string): string {
  const search = q === "" ? "" : `?${new URLSearchParams({ q }).toString()}`;
  return `${pathOf(shown)}${search}`;
}

function pathOf(shown: View): string {
  switch (shown.kind) {
    case "list":
    case "overview":
      return "/";
    case "delivery":
      return `/d/${encodeURIComponent(shown.id)}`;
    case "resource":
      return `/r/${encodeURIComponent(shown.id)}`;
    case "compare":
      return `/compare/${encodeURIComponent(shown.one)}/${encodeURIComponent(shown.other)}`;
    default:
      return shown satisfies never;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readAddress(): void {
  view.value = viewOf(location.pathname);
  query.value = new URLSearchParams(location.search).get("q") ?? "";
}

/** Moving through several deliveries adds one entry to the browser's history, not one for each. */
export function keepAddress(): void {
  readAddress();
  addEventListener("popstate", readAddress);
  let kind: View["kind"] = view.peek().kind;
  effect(() => {
    const address = addressOf(view.value, query.value);
    if (address === location.pathname + location.search) return;
    const isSameKind = untracked(() => view.value.kind === kind);
    kind = view.peek().kind;
    if (isSameKind) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  });
}
