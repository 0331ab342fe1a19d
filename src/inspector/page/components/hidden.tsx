import { useSignal } from "@preact/signals";
import { HIDDEN } from "../json/personal.ts";

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
