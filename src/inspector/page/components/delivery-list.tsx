import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { moveTo, openDelivery } from "../actions.ts";
import { currentSnapshot, MAX_ROWS, rowAt, want } from "../list.ts";
import { cursor, marked, openId, rowsVersion, snapshot, snapshotNumber } from "../state.ts";
import { watchTop } from "../stream.ts";
import { DeliveryRow } from "./delivery-row.tsx";
import { ListState } from "./list-state.tsx";
import { Window, type WindowRange } from "./window.tsx";

const ROW_HEIGHT = 32;

/** The deliveries, newest first. The focus stays on the grid, so that added and removed rows never lose it. */
export function DeliveryList() {
  const scroller = useRef<HTMLDivElement>(null);
  const state = snapshot.value;
  const total = state.kind === "loaded" ? state.value.total : 0;
  const active = cursor.value === null ? undefined : rowAt(cursor.value);

  useEffect(() => watchTop(() => (scroller.current?.scrollTop ?? 0) < ROW_HEIGHT / 2), []);
  useSignalEffect(() => {
    if (cursor.value !== null) scrollTo(scroller.current, cursor.value);
  });
  useSignalEffect(() => {
    // A new snapshot starts at its newest row.
    if (snapshotNumber.value > 0) scroller.current?.scrollTo(0, 0);
  });

  if (total === 0) {
    return (
      <div class="list" tabIndex={-1} aria-busy={state.kind === "loading"}>
        <ListState />
      </div>
    );
  }
  return (
    <div
      class="list"
      role="grid"
      aria-label="Deliveries"
      aria-rowcount={total}
      aria-busy={false}
      aria-activedescendant={active === undefined ? undefined : `row-${active.seq}`}
      tabIndex={0}
      data-scroller
      ref={scroller}
      onKeyDown={(event) => pageKeys(event, scroller.current)}
    >
      <Window total={Math.min(total, MAX_ROWS)} height={ROW_HEIGHT}>
        {(range) => <Rows {...range} total={total} />}
      </Window>
      {total > MAX_ROWS ? <p class="note">Only the newest million are listed. Filter to see older ones.</p> : null}
    </div>
  );
}

function Rows({ from, to, total }: WindowRange & { readonly total: number }) {
  void rowsVersion.value;
  useEffect(() => want(total - to, total - 1 - from), [from, to, total, rowsVersion.value]);
  const shown = [];
  for (let index = from; index < to; index += 1) {
    const place = total - 1 - index;
    const row = rowAt(place);
    shown.push(
      <DeliveryRow
        key={place}
        row={row}
        number={index + 1}
        isOpen={row !== undefined && row.id === openId.value}
        isCursor={cursor.value === place}
        isMarked={row !== undefined && row.id === marked.value}
        onOpen={openDelivery}
      />,
    );
  }
  return <>{shown}</>;
}

function scrollTo(element: HTMLElement | null, place: number): void {
  const total = currentSnapshot()?.total ?? 0;
  if (element === null) return;
  const top = (total - 1 - place) * ROW_HEIGHT;
  if (top < element.scrollTop) element.scrollTop = top;
  const overlap = top + ROW_HEIGHT - element.clientHeight;
  if (overlap > element.scrollTop) element.scrollTop = overlap;
}

function pageKeys(event: KeyboardEvent, element: HTMLElement | null): void {
  const rows = Math.max(1, Math.floor((element?.clientHeight ?? 0) / ROW_HEIGHT) - 1);
  const total = currentSnapshot()?.total ?? 0;
  const from = cursor.peek() ?? total - 1;
  const target = { PageDown: from - rows, PageUp: from + rows, Home: total - 1, End: 0 }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  moveTo(target);
}
