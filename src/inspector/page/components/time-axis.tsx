import type { TimelineEntry } from "../../contract.ts";
import { openDelivery } from "../actions.ts";
import { duration, timeOfDay } from "../format.ts";
import { isBadEntry } from "../words.ts";

const WIDTH = 400;
const EDGE = 8;

interface TimeAxisProps {
  readonly entries: readonly TimelineEntry[];
  readonly openId: string | null;
}

/** Deliveries on a time scale; repeated ones are rings. */
export function TimeAxis({ entries, openId }: TimeAxisProps) {
  const times = entries.map(({ at }) => Date.parse(at));
  const [start, end] = [Math.min(...times), Math.max(...times)];
  const span = Math.max(1, end - start);
  const x = (at: number) => EDGE + ((at - start) / span) * (WIDTH - 2 * EDGE);
  return (
    <div class="axis" aria-hidden="true">
      <svg viewBox={`0 0 ${WIDTH} 28`}>
        <path class="axis-line" d={`M${EDGE} 14H${WIDTH - EDGE}`} />
        {entries.map((entry) => (
          <circle
            key={entry.id}
            class="axis-dot"
            data-repeat={!entry.isDistinct}
            data-bad={isBadEntry(entry)}
            data-open={entry.id === openId}
            cx={x(Date.parse(entry.at))}
            cy="14"
            r={entry.id === openId ? 6 : 4.5}
            onClick={() => openDelivery(entry.id)}
          />
        ))}
      </svg>
      <p class="axis-ends dim">
        <span>{timeOfDay(start)}</span>
        <span>+{duration(end - start)}</span>
      </p>
    </div>
  );
}
