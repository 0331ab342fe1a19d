import type { Timeline, TimelineEntry } from "../../contract.ts";
import { openDelivery } from "../actions.ts";
import { count, duration, fullTime, gap } from "../format.ts";
import { timeline } from "../state.ts";
import { isBadEntry, isBadVerdict, repeatAbout, repeatWords, statusWords } from "../words.ts";
import { Summary } from "./hidden.tsx";
import { Notice } from "./notice.tsx";
import { TimeAxis } from "./time-axis.tsx";

interface TimelineViewProps {
  readonly resourceId: string | null;
  readonly openId: string | null;
}

/** The history of an order or transfer: its events in order of arrival, with remarks about that order. */
export function TimelineView({ resourceId, openId }: TimelineViewProps) {
  if (resourceId === null) return <p class="dim pad">This event is not about an order or transfer.</p>;
  const state = timeline.value;
  if (state.kind === "loading") {
    return (
      <div class="lines-loading">
        <span class="bar" />
        <span class="bar" />
      </div>
    );
  }
  if (state.kind === "failed") {
    return <Notice title="No timeline" text={state.error.message} hint={state.error.hint} />;
  }
  return <Life life={state.value} openId={openId} />;
}

function Life({ life, openId }: { readonly life: Timeline; readonly openId: string | null }) {
  const entries = life.timeline;
  const [first, last] = [entries[0], entries.at(-1)];
  const span = first === undefined || last === undefined ? 0 : Date.parse(last.at) - Date.parse(first.at);
  const late = lateEntries(entries);
  return (
    <div class="stack">
      <p class="dim">
        {count(life.distinct, "event")}
        {life.distinct === life.deliveries ? "" : ` · ${life.deliveries} deliveries`}
        {entries.length < 2 ? "" : ` · over ${duration(span)}`}
      </p>
      {entries.length < 2 ? null : <TimeAxis entries={entries} openId={openId} />}
      <ol class="life">
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} isOpen={entry.id === openId} isLate={late.has(entry)} />
        ))}
      </ol>
      {life.notes.map(({ code, message, hint }) => (
        <div key={message} class="remark-box" data-code={code}>
          <p>{message}</p>
          <p class="dim">{hint}</p>
        </div>
      ))}
    </div>
  );
}

interface EntryProps {
  readonly entry: TimelineEntry;
  readonly isOpen: boolean;
  readonly isLate: boolean;
}

function Entry({ entry, isOpen, isLate }: EntryProps) {
  const { id, at, gapMs, event, summary, signature, attempt, recurrence, isDistinct } = entry;
  const status = statusOf(entry);
  const isBad = isBadEntry(entry);
  const repeat = repeatWords({ kind: recurrence, attempt });
  return (
    <li data-open={isOpen} data-repeat={!isDistinct} data-bad={isBad}>
      <span class="life-gap">{gapMs === null ? "" : gap(gapMs)}</span>
      <span class="life-dot" aria-hidden="true" />
      <button type="button" class="life-entry" aria-current={isOpen} onClick={() => openDelivery(id)}>
        <span class="life-line">
          <span class="event">{event ?? "no event name"}</span>
          <span class="dim">
            <Summary text={summary} />
          </span>
          <span class={`status ${status.tone}`} title={status.about}>
            {status.text}
          </span>
        </span>
        <span class="life-line small">
          <span class="dim">{fullTime(Date.parse(at))}</span>
          {repeat === "" ? null : (
            <span class="tag" title={repeatAbout({ kind: recurrence, attempt })}>
              {repeat}
            </span>
          )}
          {isLate ? <span class="tag warn">out of order</span> : null}
          {isBadVerdict(signature.verdict) ? <span class="tag bad">{signature.verdict}</span> : null}
        </span>
      </button>
    </li>
  );
}

function statusOf({ answer, forwardStatus, outcome }: TimelineEntry): ReturnType<typeof statusWords> {
  return statusWords({
    answer: answer === undefined ? null : { status: "status" in answer ? answer.status : null, durationMs: 0 },
    forward: forwardStatus === undefined ? null : { status: forwardStatus, durationMs: 0 },
    outcome: outcome ?? null,
  });
}

/** Events that arrived after one that happened later, by their own times. */
function lateEntries(entries: readonly TimelineEntry[]): ReadonlySet<TimelineEntry> {
  const late = new Set<TimelineEntry>();
  let newest = -Infinity;
  for (const entry of entries) {
    const time = entry.timestamp === null ? Number.NaN : Date.parse(entry.timestamp);
    if (Number.isNaN(time) || !entry.isDistinct) continue;
    if (time < newest) late.add(entry);
    newest = Math.max(newest, time);
  }
  return late;
}
