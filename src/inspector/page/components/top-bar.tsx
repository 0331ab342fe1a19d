import { isPersonalHidden, nextTheme, theme } from "../preferences.ts";
import { connection, dialog, session, type Connection } from "../state.ts";
import { resume } from "../stream.ts";
import { FilterBox } from "./filter-box.tsx";
import { Icon } from "./icon.tsx";

const WORDS: Readonly<Record<Connection, string>> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  superseded: "Paused here",
  paused: "Paused",
};

export function TopBar() {
  const state = session.value;
  const environment = state === null || state === "ended" ? "" : state.environment;
  return (
    <header class="top">
      <a class="name" href="/">
        bluum-hooks
      </a>
      <ConnectionState />
      <span class="environment dim">{environment}</span>
      <FilterBox />
      <div class="tools">
        {isPersonalHidden.value ? <span class="hidden-state">Personal data hidden</span> : null}
        <button
          type="button"
          class="tool"
          aria-pressed={isPersonalHidden.value}
          aria-label="Hide personal data"
          title={isPersonalHidden.value ? "Show personal data" : "Hide personal data"}
          onClick={() => (isPersonalHidden.value = !isPersonalHidden.peek())}
        >
          <Icon name={isPersonalHidden.value ? "eye-off" : "eye"} />
        </button>
        <button
          type="button"
          class="tool"
          aria-label="Export"
          title="Export"
          onClick={() => (dialog.value = { kind: "export" })}
        >
          <Icon name="download" />
        </button>
        <button
          type="button"
          class="tool"
          aria-label={`Theme: ${theme.value}`}
          title={`Theme: ${theme.value}`}
          onClick={nextTheme}
        >
          <Icon name={theme.value === "system" ? "half" : theme.value === "light" ? "sun" : "moon"} />
        </button>
        <button
          type="button"
          class="tool"
          aria-label="Shortcuts"
          title="Shortcuts"
          onClick={() => (dialog.value = { kind: "shortcuts" })}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}

function ConnectionState() {
  const state = session.value === "ended" ? "reconnecting" : connection.value;
  const words = session.value === "ended" ? "Session ended" : WORDS[state];
  return (
    <span class="connection" data-state={state} role="status">
      <span class="dot" aria-hidden="true" />
      {words}
      {state === "superseded" ? (
        <button type="button" class="link" title="The list is open in another window" onClick={resume}>
          Resume
        </button>
      ) : null}
    </span>
  );
}
