import { openTrigger } from "../actions.ts";
import { triggers } from "../state.ts";

/** Opens the dialog that triggers something, if that is possible and without risk. */
export function TriggerButton() {
  if (triggers.value === null) return null;
  return (
    <button type="button" class="button" onClick={openTrigger}>
      Trigger <kbd>t</kbd>
    </button>
  );
}
