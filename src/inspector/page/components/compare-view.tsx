import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Detail, HeaderPair } from "../../contract.ts";
import { isHarmlessHeader } from "../../../core/harmless.ts";
import { get } from "../api.ts";
import { openDelivery } from "../actions.ts";
import { fullTime } from "../format.ts";
import { differences, type Difference } from "../json/diff.ts";
import { isReady, LOADING, type Loaded } from "../state.ts";
import { CloseButton } from "./close-button.tsx";
import { Differences, isHarmlessValue } from "./differences.tsx";
import { Notice } from "./notice.tsx";
import { PaneHead } from "./pane-head.tsx";

interface CompareProps {
  readonly one: string;
  readonly other: string;
}

export function CompareView({ one, other }: CompareProps) {
  const state = useSignal<Loaded<readonly [Detail, Detail]>>(LOADING);
  const isAllowed = isReady.value;
  useEffect(() => {
    if (isAllowed) void loadBoth(one, other).then((loaded) => (state.value = loaded));
  }, [one, other, isAllowed, state]);
  const content = useRef<HTMLDivElement>(null);
  // The button that opened this view is gone, and its focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) content.current?.focus();
  }, []);
  return (
    <div class="pane">
      <PaneHead title="Compare">
        <CloseButton />
      </PaneHead>
      <div class="view" data-scroller tabIndex={0} role="region" aria-label="Differences" ref={content}>
        {state.value.kind === "failed" ? (
          <Notice title="Cannot compare" text={state.value.error.message} hint={state.value.error.hint} />
        ) : state.value.kind === "loaded" ? (
          <Comparison one={state.value.value[0]} other={state.value.value[1]} />
        ) : null}
      </div>
    </div>
  );
}

async function loadBoth(one: string, other: string): Promise<Loaded<readonly [Detail, Detail]>> {
  const load = async (id: string) => get<Detail>(`deliveries/${encodeURIComponent(id)}`);
  const [first, second] = await Promise.all([load(one), load(other)]);
  if (first.kind === "failed") return first;
  if (second.kind === "failed") return second;
  const [older, newer] = [first.value, second.value].toSorted((a, b) => a.row.seq - b.row.seq) as [Detail, Detail];
  return { kind: "loaded", value: [older, newer] };
}

function Comparison({ one, other }: { readonly one: Detail; readonly other: Detail }) {
  const payload = differences(one.body.text ?? "", other.body.text ?? "");
  const isSame = one.body.text === other.body.text && one.body.base64 === other.body.base64;
  return (
    <div class="stack">
      <div class="sides">
        {[one, other].map(({ row }, at) => (
          <button key={row.id} type="button" class="side" onClick={() => openDelivery(row.id)}>
            <span class="event">{row.event ?? "no event name"}</span>
            <span class="mono dim">{row.id}</span>
            <span class="dim">
              {at === 0 ? "Older" : "Newer"} · {fullTime(row.receivedAt)}
            </span>
          </button>
        ))}
      </div>
      <h2>Payload</h2>
      {isSame ? (
        <p class="dim">The bodies are the same, byte for byte.</p>
      ) : payload === null ? (
        <p class="dim">One of the bodies is not JSON.</p>
      ) : payload.length === 0 ? (
        <p class="dim">The bodies have the same values, written differently.</p>
      ) : (
        <Differences all={payload} isHarmless={isHarmlessValue} />
      )}
      <h2>Headers</h2>
      <HeaderDifferences one={one.headers} other={other.headers} />
    </div>
  );
}

function HeaderDifferences({
  one,
  other,
}: {
  readonly one: readonly HeaderPair[];
  readonly other: readonly HeaderPair[];
}) {
  const [before, after] = [joined(one), joined(other)];
  const all = [...new Set([...before.keys(), ...after.keys()])].flatMap((name): Difference[] => {
    const [old, now] = [before.get(name) ?? null, after.get(name) ?? null];
    if (old === now) return [];
    return [
      {
        path: name,
        name,
        kind: old === null ? "added" : now === null ? "removed" : "changed",
        before: old,
        after: now,
      },
    ];
  });
  if (all.length === 0) return <p class="dim">The headers are the same.</p>;
  return <Differences all={all} isHarmless={isHarmlessHeader} />;
}

/** By name; a repeated header has several values. */
function joined(headers: readonly HeaderPair[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = values.get(name.toLowerCase());
    values.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return values;
}
