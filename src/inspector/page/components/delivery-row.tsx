import type { Row } from "../../contract.ts";
import { duration, timeOfDay } from "../format.ts";
import { repeatAbout, repeatWords, statusWords, verdictWords } from "../words.ts";
import { Summary } from "./hidden.tsx";

/** People recognise an ID by its last letters, so these are never cut. */
const ID_TAIL = 5;

interface RowProps {
  readonly row: Row | undefined;
  /** From 1, the newest first. */
  readonly number: number;
  readonly isOpen: boolean;
  readonly isCursor: boolean;
  readonly isMarked: boolean;
  readonly onOpen: (id: string) => void;
}

export function DeliveryRow({ row, number, isOpen, isCursor, isMarked, onOpen }: RowProps) {
  if (row === undefined) return <LoadingRow number={number} />;
  const verdict = verdictWords(row.verdict);
  const repeat = repeatWords(row.recurrence);
  const status = statusWords(row);
  const after = row.answer?.durationMs ?? row.forward?.durationMs;
  return (
    <div
      class="row"
      role="row"
      id={`row-${row.seq}`}
      aria-rowindex={number}
      aria-selected={isOpen}
      data-cursor={isCursor}
      onClick={() => onOpen(row.id)}
    >
      <span class="time" role="gridcell">
        {timeOfDay(row.receivedAt)}
      </span>
      <span class="event" role="gridcell">
        {row.event ?? <span class="dim">no event name</span>}
      </span>
      <span class="summary" role="gridcell">
        <Summary text={row.summary} />
      </span>
      <span class="resource" role="gridcell" title={row.resourceId ?? undefined}>
        <span class="id-head">{row.resourceId?.slice(0, -ID_TAIL)}</span>
        {row.resourceId?.slice(-ID_TAIL)}
      </span>
      <span class="marks" role="gridcell">
        <span class={verdict.tone} aria-label={row.verdict}>
          {verdict.text}
        </span>
        {repeat === "" ? null : (
          <span class="tag" title={repeatAbout(row.recurrence)}>
            {repeat}
          </span>
        )}
        {isMarked ? <span class="tag">marked</span> : null}
      </span>
      <span class="status" role="gridcell">
        <span class={status.tone} title={status.about}>
          {status.text}
        </span>
      </span>
      <span
        class="duration"
        role="gridcell"
        title={row.answer === null ? "The time until your app answered" : "The time until the sender was answered"}
      >
        {after === undefined ? "" : duration(after)}
      </span>
    </div>
  );
}

function LoadingRow({ number }: { readonly number: number }) {
  return (
    <div class="row loading" role="row" aria-rowindex={number}>
      <span class="bar" role="gridcell" aria-label="loading" />
    </div>
  );
}
