import { closeOne } from "../actions.ts";
import { Icon } from "./icon.tsx";

export function CloseButton() {
  return (
    <button type="button" class="tool close" aria-label="Close" title="Close (Esc)" onClick={closeOne}>
      <Icon name="close" />
    </button>
  );
}
