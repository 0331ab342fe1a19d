import type { ComponentChildren } from "preact";
import { closeOne } from "../actions.ts";
import { Icon } from "./icon.tsx";

interface PaneHeadProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

export function PaneHead({ title, children }: PaneHeadProps) {
  return (
    <div class="pane-head">
      <button type="button" class="link back" onClick={closeOne}>
        <Icon name="back" /> Deliveries
      </button>
      <h1>{title}</h1>
      <div class="actions">{children}</div>
    </div>
  );
}
