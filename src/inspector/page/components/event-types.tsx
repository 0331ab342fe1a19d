import { useLayoutEffect, useRef } from "preact/hooks";
import type { Stats } from "../../contract.ts";
import { setQuery } from "../actions.ts";
import { number } from "../format.ts";

const MAX_TYPES = 12;

export function EventTypes({ events }: { readonly events: Stats["events"] }) {
  const most = Math.max(1, ...events.map(({ received }) => received));
  const more = events.length - MAX_TYPES;
  return (
    <table class="types">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col" class="share-head">
            <span class="spoken">Share</span>
          </th>
          <th scope="col">Received</th>
          <th scope="col">Repeated</th>
          <th scope="col">Bad sig.</th>
          <th scope="col">Failed</th>
        </tr>
      </thead>
      <tbody>
        {events.slice(0, MAX_TYPES).map(({ event, received, retries, duplicates, badSignatures, failed }) => (
          <tr key={event}>
            <th scope="row">
              {event === null ? (
                <span class="dim">no event name</span>
              ) : (
                <button type="button" class="link quiet" onClick={() => setQuery(`event:${event}`)}>
                  {event}
                </button>
              )}
            </th>
            <td class="share">
              <Share part={received / most} />
            </td>
            <td>{number(received)}</td>
            <td class="dim">{orDash(retries + duplicates)}</td>
            <td class={badSignatures > 0 ? "bad" : "dim"}>{orDash(badSignatures)}</td>
            <td class={failed > 0 ? "bad" : "dim"}>{orDash(failed)}</td>
          </tr>
        ))}
      </tbody>
      {more <= 0 ? null : (
        <tfoot>
          <tr>
            <td class="dim" colSpan={6}>
              and {more} more
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function Share({ part }: { readonly part: number }) {
  const bar = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => bar.current?.style.setProperty("width", `${Math.max(2, part * 100)}%`), [part]);
  return <span class="share-bar" ref={bar} />;
}

function orDash(value: number): string {
  return value === 0 ? "–" : number(value);
}
