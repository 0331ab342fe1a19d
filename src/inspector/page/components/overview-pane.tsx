import { useSignal } from "@preact/signals";
import type { ReplayFailedAnswer, Stats } from "../../contract.ts";
import { post } from "../api.ts";
import { setQuery } from "../actions.ts";
import { count, duration, number } from "../format.ts";
import { message, overview, query } from "../state.ts";
import { AnswerTimes } from "./answer-times.tsx";
import { EventTypes } from "./event-types.tsx";
import { Notice } from "./notice.tsx";
import { PaneHead } from "./pane-head.tsx";
import { TimeBars } from "./time-bars.tsx";
import { TriggerButton } from "./trigger-button.tsx";

export function OverviewPane() {
  const state = overview.value;
  return (
    <div class="pane">
      <PaneHead title="Overview">
        <TriggerButton />
      </PaneHead>
      <div class="view" data-scroller tabIndex={0} role="region" aria-label="Overview">
        {state.kind === "failed" ? (
          <Notice title="No overview" text={state.error.message} hint={state.error.hint} />
        ) : state.kind === "loaded" ? (
          <Sums stats={state.value} />
        ) : (
          <div class="lines-loading">
            <span class="bar" />
            <span class="bar" />
          </div>
        )}
      </div>
    </div>
  );
}

function Sums({ stats }: { readonly stats: Stats }) {
  const { received, distinct, retries, duplicates, firstAt, lastAt, app, signatures } = stats;
  if (received === 0 || firstAt === null || lastAt === null) {
    return <p class="dim pad">{query.value === "" ? "No deliveries yet." : "No delivery matches the filter."}</p>;
  }
  const bad = ["mismatch", "stale", "unsigned"].reduce((sum, verdict) => sum + (signatures[verdict] ?? 0), 0);
  const failed = stats.events.reduce((sum, event) => sum + event.failed, 0);
  return (
    <div class="stack wide-gaps">
      {stats.isOfNewest ? (
        <p class="dim">
          Of the newest deliveries. For all: <code>bluum-hooks events stats</code>
        </p>
      ) : null}
      <dl class="tiles">
        <Tile
          name="Received"
          value={number(received)}
          about={distinct === received ? "all distinct" : `${number(distinct)} distinct`}
        />
        <Tile
          name="Failed"
          value={number(failed)}
          about={failed === 0 ? "none" : share(failed, received)}
          isBad={failed > 0}
          word="status:failed"
        />
        <Tile
          name="Repeated"
          value={number(retries + duplicates)}
          about={repeats(retries, duplicates)}
          word="is:repeated"
        />
        <Tile
          name="Bad signature"
          value={number(bad)}
          about={bad === 0 ? "none" : share(bad, received)}
          isBad={bad > 0}
          word="signature:bad"
        />
      </dl>
      <Undelivered undelivered={app.undelivered} />
      <section>
        <h2>
          Deliveries <span class="dim">over {duration(lastAt - firstAt)}</span>
        </h2>
        <TimeBars stats={stats} firstAt={firstAt} lastAt={lastAt} />
      </section>
      {app.medianMs === null || app.p95Ms === null ? null : (
        <section>
          <h2>
            Answer times <span class="dim">of your app, {count(app.attempts, "attempt")}</span>
          </h2>
          <AnswerTimes medianMs={app.medianMs} p95Ms={app.p95Ms} />
        </section>
      )}
      <section>
        <h2>Events</h2>
        <EventTypes events={stats.events} />
      </section>
    </div>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly about: string;
  readonly isBad?: boolean;
  /** The filter that shows them. */
  readonly word?: string;
}

function Tile({ name, value, about, isBad = false, word }: TileProps) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd>
        <span class={isBad ? "tile-value bad" : "tile-value"}>{value}</span>
        {word === undefined || value === "0" ? (
          <span class="dim">{about}</span>
        ) : (
          <button type="button" class="link quiet dim" onClick={() => setQuery(word)}>
            {about}
          </button>
        )}
      </dd>
    </div>
  );
}

function share(part: number, whole: number): string {
  const percent = (part / whole) * 100;
  return `${percent < 1 ? "<1" : Math.round(percent)} %`;
}

function repeats(retries: number, duplicates: number): string {
  if (retries + duplicates === 0) return "none";
  if (duplicates === 0) return retries === 1 ? "a retry" : "retries";
  if (retries === 0) return duplicates === 1 ? "a duplicate" : "duplicates";
  return `${count(retries, "retry").replace("retrys", "retries")}, ${count(duplicates, "duplicate")}`;
}

/** Events that the app has never accepted, with possible actions. */
function Undelivered({ undelivered }: { readonly undelivered: number }) {
  const host = useSignal<string | null>(null);
  const isRunning = useSignal(false);
  if (undelivered === 0) return null;
  const send = async () => {
    const confirmedHost = host.peek();
    isRunning.value = true;
    const result = await post<ReplayFailedAnswer>("replay-failed", {
      ...(query.peek() === "" ? {} : { q: query.peek() }),
      ...(confirmedHost === null ? {} : { confirmedHost }),
    });
    isRunning.value = false;
    if (result.kind === "loaded") {
      const { sent, accepted } = result.value;
      message.value = `${count(sent, "event")} sent, ${number(accepted)} accepted`;
      host.value = null;
    } else if ("host" in result.error) host.value = String(result.error.host);
    else message.value = result.error.message;
  };
  return (
    <div class="remark-box beside">
      <p>
        {host.value === null
          ? `${count(undelivered, "event")} that your app has never accepted`
          : `${host.value} is not on this machine. Send them there?`}
      </p>
      <button type="button" class="button" disabled={isRunning.value} onClick={() => void send()}>
        {host.value === null ? "Replay failed" : `Send to ${host.value}`}
      </button>
    </div>
  );
}
