import { useSignal } from "@preact/signals";
import { HIDDEN, isHarmlessSummary } from "../json/personal.ts";
import { isPersonalHidden } from "../preferences.ts";

/** A summary of a delivery, or dots in its place. */
export function Summary({ text }: { readonly text: string }) {
  return <>{isPersonalHidden.value && !isHarmlessSummary(text) ? HIDDEN : text}</>;
}

/** A value that stays hidden until the user asks for it. */
export function Hidden({ text }: { readonly text: string }) {
  const isShown = useSignal(false);
  if (isShown.value) return <>{text}</>;
  return (
    <button type="button" class="hidden" aria-label="Hidden: show" title="Show" onClick={() => (isShown.value = true)}>
      {HIDDEN}
    </button>
  );
}
