import { setQuery } from "../actions.ts";
import { query, session, snapshot } from "../state.ts";
import { Notice } from "./notice.tsx";
import { percent } from "./search-state.tsx";
import { TriggerButton } from "./trigger-button.tsx";

/** Replaces a list without rows. */
export function ListState() {
  const state = snapshot.value;
  if (state.kind === "loading") return <LoadingList />;
  if (state.kind === "failed") {
    return (
      <Notice title="Cannot list deliveries" text={state.error.message} hint={state.error.hint}>
        {query.value === "" ? null : <ClearButton />}
      </Notice>
    );
  }
  if (state.value.searched < 1) {
    return <Notice title="Searching" text={`No match so far, ${percent(state.value.searched)} searched.`} />;
  }
  if (query.value !== "") {
    return (
      <Notice title="No delivery matches" text="No delivery matches the filter.">
        <ClearButton />
      </Notice>
    );
  }
  const isListening = session.value !== null && session.value !== "ended" && session.value.isListening;
  return (
    <Notice
      title="No deliveries yet"
      text={isListening ? "They appear here as they arrive." : "Receive some with:"}
      command={isListening ? "bluum-hooks trigger order" : "bluum-hooks listen"}
    >
      <TriggerButton />
    </Notice>
  );
}

function ClearButton() {
  return (
    <button type="button" class="button" onClick={() => setQuery("")}>
      Clear the filter <kbd>Esc</kbd>
    </button>
  );
}

const LOADING_ROWS = Array.from({ length: 14 }, (_, index) => index);

function LoadingList() {
  return (
    <div aria-hidden="true">
      {LOADING_ROWS.map((index) => (
        <div key={index} class="row loading">
          <span class="bar" />
        </div>
      ))}
    </div>
  );
}
