import { session, view } from "../state.ts";
import { Chips } from "./chips.tsx";
import { CompareView } from "./compare-view.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { DetailPane } from "./detail-pane.tsx";
import { Dialogs } from "./dialogs.tsx";
import { LiveRegion } from "./live-region.tsx";
import { Notice } from "./notice.tsx";
import { OverviewPane } from "./overview-pane.tsx";
import { ResourcePane } from "./resource-pane.tsx";
import { SearchState } from "./search-state.tsx";
import { TopBar } from "./top-bar.tsx";

export function App() {
  return (
    <div class="app" data-view={view.value.kind}>
      <TopBar />
      {session.value === "ended" ? <SessionEnded /> : <Panes />}
      <Dialogs />
      <LiveRegion />
    </div>
  );
}

function Panes() {
  return (
    <main class="panes">
      <section class="left" aria-label="List">
        <h1 class="spoken">Deliveries</h1>
        <Chips />
        <SearchState />
        <DeliveryList />
      </section>
      <section class="right" aria-label="Detail">
        <Right />
      </section>
    </main>
  );
}

function Right() {
  const shown = view.value;
  switch (shown.kind) {
    case "list":
    case "overview":
      return <OverviewPane />;
    case "delivery":
      return <DetailPane />;
    case "resource":
      return <ResourcePane id={shown.id} />;
    case "compare":
      return <CompareView one={shown.one} other={shown.other} />;
    default:
      return shown satisfies never;
  }
}

function SessionEnded() {
  return (
    <main class="ended">
      <h1>Session ended</h1>
      <Notice
        title="Open the URL that listen printed"
        text="It contains the token of this inspector. To print a new one:"
        command="bluum-hooks inspect"
      />
    </main>
  );
}
