import type { Stats } from "../../contract.ts";
import { day, number, timeOfDay } from "../format.ts";

const WIDTH = 480;
const HEIGHT = 96;
const MAX_BARS = 60;

interface TimeBarsProps {
  readonly stats: Stats;
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Bar {
  readonly at: number;
  ok: number;
  failed: number;
}

/** Deliveries over time; failed ones are at the bottom of each bar. */
export function TimeBars({ stats: { buckets, bucketMs }, firstAt, lastAt }: TimeBarsProps) {
  const { bars, barMs, start } = joined(buckets, bucketMs, firstAt, lastAt);
  const most = Math.max(1, ...bars.map(({ ok, failed }) => ok + failed));
  const places = Math.max(12, Math.floor((lastAt - start) / barMs) + 1);
  const step = WIDTH / places;
  const width = Math.max(1, Math.min(step - 2, 24));
  const scale = (value: number) => (value === 0 ? 0 : Math.max(1.5, (value / most) * (HEIGHT - 4)));
  const hasDays = new Date(firstAt).toDateString() !== new Date(lastAt).toDateString();
  const label = (at: number) => (hasDays ? `${day(at)}, ${timeOfDay(at).slice(0, 5)}` : timeOfDay(at));
  return (
    <figure class="chart">
      <div class="chart-plot">
        <span class="chart-most dim">{number(most)}</span>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={described(bars)}>
          <path class="chart-line" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
          <path class="chart-line faint" d={`M0 ${HEIGHT / 2}H${WIDTH}M0 .5H${WIDTH}`} />
          {bars.map(({ at, ok, failed }) => {
            const x = ((at - start) / barMs) * step + (step - width) / 2;
            const [low, high] = [scale(failed), scale(ok)];
            return (
              <g key={at}>
                <title>{`${label(at)}: ${number(ok)} accepted, ${number(failed)} failed`}</title>
                <rect class="bar-ok" x={x} y={HEIGHT - low - high} width={width} height={high} />
                <rect class="bar-failed" x={x} y={HEIGHT - low} width={width} height={low} />
              </g>
            );
          })}
        </svg>
      </div>
      <figcaption class="dim">
        <span>{label(firstAt)}</span>
        <span class="legend">
          <i class="key-ok" /> 2xx <i class="key-failed" /> failed
        </span>
        <span>{label(lastAt)}</span>
      </figcaption>
    </figure>
  );
}

/** Merges neighbouring buckets until all bars can be distinguished. */
function joined(buckets: Stats["buckets"], bucketMs: number, firstAt: number, lastAt: number) {
  const start = buckets[0]?.at ?? firstAt;
  const factor = Math.max(1, Math.ceil((lastAt - start) / bucketMs / MAX_BARS));
  const barMs = bucketMs * factor;
  const bars = new Map<number, Bar>();
  for (const { at, ok, failed } of buckets) {
    const place = start + Math.floor((at - start) / barMs) * barMs;
    const bar = bars.get(place) ?? { at: place, ok: 0, failed: 0 };
    bar.ok += ok;
    bar.failed += failed;
    bars.set(place, bar);
  }
  return { bars: [...bars.values()], barMs, start };
}

function described(bars: readonly Bar[]): string {
  const sum = (of: (bar: Bar) => number) => number(bars.reduce((total, bar) => total + of(bar), 0));
  return `Deliveries over time: ${sum(({ ok }) => ok)} accepted, ${sum(({ failed }) => failed)} failed`;
}
