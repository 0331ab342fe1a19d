import { openId } from "../state.ts";
import { PaneHead } from "./pane-head.tsx";
import { TimelineView } from "./timeline-view.tsx";
import { setQuery } from "../actions.ts";
import { CloseButton } from "./close-button.tsx";

export function ResourcePane({ id }: { readonly id: string }) {
  return (
    <div class="pane">
      <PaneHead title={id}>
        <button type="button" class="button" onClick={() => setQuery(`resource:${id}`)}>
          Filter the list
        </button>
        <CloseButton />
      </PaneHead>
      <div class="view" data-scroller>
        <TimelineView resourceId={id} openId={openId.value} />
      </div>
    </div>
  );
}
