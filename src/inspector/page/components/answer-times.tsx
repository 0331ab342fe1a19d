import { duration } from "../format.ts";

const WIDTH = 480;
/** From 1 ms to 60 s, on a logarithmic scale. */
const [MIN_MS, MAX_MS] = [1, 60_000];
/** The response time that Bluum recommends, and its timeout. */
const LIMITS = [5_000, 30_000];
const GRID = [1, 10, 100, 1_000, 10_000];

/** A scale of the app's response times, from immediate to timed out. */
export function AnswerTimes({ medianMs, p95Ms }: { readonly medianMs: number; readonly p95Ms: number }) {
  const isSlow = p95Ms > (LIMITS[0] ?? 0);
  return (
    <figure class="chart times">
      <svg viewBox={`0 0 ${WIDTH} 64`} role="img" aria-label={`Median ${duration(medianMs)}, p95 ${duration(p95Ms)}`}>
        {GRID.map((ms) => (
          <g key={ms}>
            <path class="chart-line faint" d={`M${x(ms)} 22V44`} />
            <text class="chart-text" x={x(ms)} y="60" text-anchor={ms === MIN_MS ? "start" : "middle"}>
              {duration(ms).replace(".0 s", " s")}
            </text>
          </g>
        ))}
        <path class="chart-line" d={`M0 33H${WIDTH}`} />
        {LIMITS.map((ms) => (
          <g key={ms}>
            <path class="chart-limit" d={`M${x(ms)} 16V48`} />
            <text class="chart-text" x={x(ms)} y="10" text-anchor="middle">
              {duration(ms).replace(".0 s", " s")}
            </text>
          </g>
        ))}
        <path
          class={isSlow ? "times-span slow" : "times-span"}
          d={`M${x(medianMs)} 33H${Math.max(x(p95Ms), x(medianMs) + 0.1)}`}
        />
        <circle class="times-median" cx={x(medianMs)} cy="33" r="4.5" />
        <circle class={isSlow ? "times-p95 slow" : "times-p95"} cx={x(p95Ms)} cy="33" r="4.500" />
      </svg>
      <figcaption class="dim">
        <span>
          <i class="key-median" /> median <span class="ink">{duration(medianMs)}</span>
        </span>
        <span>
          <i class="key-p95" /> p95 <span class={isSlow ? "bad" : "ink"}>{duration(p95Ms)}</span>
        </span>
        <span>Bluum recommends a response within 5 s, and times out after 30 s</span>
      </figcaption>
    </figure>
  );
}

function x(ms: number): number {
  const within = Math.max(MIN_MS, Math.min(MAX_MS, ms));
  const share = Math.log(within / MIN_MS) / Math.log(MAX_MS / MIN_MS);
  return Math.round((4 + share * (WIDTH - 8)) * 10) / 10;
}
