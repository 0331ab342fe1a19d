import { useMemo } from "preact/hooks";
import type { Detail } from "../../contract.ts";
import { closeOne, compare, copyCurl, openDialog, showTab } from "../actions.ts";

import { count } from "../format.ts";
import { personalSpans } from "../json/personal.ts";
import { isPersonalHidden } from "../preferences.ts";
import { detail, marked, openId, tab, TABS, type Tab } from "../state.ts";
import { Attempts } from "./attempts.tsx";
import { BytesView } from "./bytes-view.tsx";
import { CloseButton } from "./close-button.tsx";
import { Facts } from "./facts.tsx";
import { HeaderTable } from "./header-table.tsx";
import { Notice } from "./notice.tsx";
import { PaneHead } from "./pane-head.tsx";
import { Payload } from "./payload.tsx";
import { SignatureView } from "./signature-view.tsx";
import { TimelineView } from "./timeline-view.tsx";

const NAMES: Readonly<Record<Tab, string>> = {
  payload: "Payload",
  headers: "Headers",
  signature: "Signature",
  attempts: "Attempts",
  timeline: "Timeline",
  raw: "Raw",
  hex: "Hex",
};

export function DetailPane() {
  const state = detail.value;
  if (state.kind === "loading") {
    return (
      <div class="pane" aria-busy="true">
        <PaneHead title="Delivery" />
        <div class="lines-loading">
          <span class="bar" />
          <span class="bar" />
          <span class="bar" />
        </div>
      </div>
    );
  }
  if (state.kind === "failed") {
    return (
      <div class="pane">
        <PaneHead title={openId.value ?? "Delivery"} />
        <Notice title="Cannot show this delivery" text={state.error.message} hint={state.error.hint}>
          <button type="button" class="button" onClick={closeOne}>
            Close <kbd>Esc</kbd>
          </button>
        </Notice>
      </div>
    );
  }
  return <Loaded shown={state.value} />;
}

function Loaded({ shown }: { readonly shown: Detail }) {
  const { row } = shown;
  return (
    <div class="pane">
      <PaneHead title={row.event ?? "Delivery without an event name"}>
        <button type="button" class="button primary" title="Replay (r)" onClick={() => openDialog("replay")}>
          Replay
        </button>
        <button type="button" class="button" title="Edit and replay (e)" onClick={() => openDialog("edit")}>
          Edit
        </button>
        <button
          type="button"
          class="button"
          title="Compare with another delivery (c)"
          aria-pressed={marked.value === row.id}
          onClick={compare}
        >
          {marked.value === null ? "Compare" : marked.value === row.id ? "Marked" : "Compare with marked"}
        </button>
        <button type="button" class="button" title="Copy as curl, redacted (Y)" onClick={() => void copyCurl()}>
          curl
        </button>
        <CloseButton />
      </PaneHead>
      <Facts shown={shown} />
      <div class="tabs" role="tablist" aria-label="Views" onKeyDown={tabKeys}>
        {TABS.map((each) => (
          <button
            key={each}
            id={`tab-${each}`}
            type="button"
            role="tab"
            aria-selected={tab.value === each}
            aria-controls="view"
            tabIndex={tab.value === each ? 0 : -1}
            onClick={() => (tab.value = each)}
          >
            {NAMES[each]}
            {each === "attempts" && shown.attempts.length > (row.forward === null ? 0 : 1) ? (
              <span class="count"> {shown.attempts.length}</span>
            ) : null}
          </button>
        ))}
      </div>
      <div id="view" class="view" data-scroller role="tabpanel" aria-labelledby={`tab-${tab.value}`} tabIndex={0}>
        {isPersonalHidden.value ? <HiddenState text={shown.body.text ?? ""} /> : null}
        <TabView key={row.id} shown={shown} />
      </div>
    </div>
  );
}

/** Says what is hidden, because a payload without personal data looks the same as before. */
function HiddenState({ text }: { readonly text: string }) {
  const { length } = useMemo(() => personalSpans(text), [text]);
  const values = length === 0 ? "this payload has none" : `${count(length, "value")} of this payload`;
  return <p class="remark">Personal data is hidden: {values}</p>;
}

function TabView({ shown }: { readonly shown: Detail }) {
  switch (tab.value) {
    case "payload":
      return <Payload shown={shown} />;
    case "headers":
      return <HeaderTable headers={shown.headers} request={`${shown.method} ${shown.path}`} />;
    case "signature":
      return <SignatureView shown={shown} />;
    case "attempts":
      return <Attempts shown={shown} />;
    case "timeline":
      return <TimelineView resourceId={shown.row.resourceId} openId={shown.row.id} />;
    case "raw":
      return <BytesView shown={shown} as="raw" />;
    case "hex":
      return <BytesView shown={shown} as="hex" />;
    default:
      return tab.value satisfies never;
  }
}

function tabKeys(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const next = TABS[(TABS.indexOf(tab.peek()) + step + TABS.length) % TABS.length] ?? "payload";
  showTab(next);
}
