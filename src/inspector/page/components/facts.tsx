import type { ComponentChildren } from "preact";
import type { Detail } from "../../contract.ts";
import { copyId, openDelivery, openResource } from "../actions.ts";
import { duration, fullTime, resourceNoun, size } from "../format.ts";
import { isAccepted, isBadVerdict, repeatWords } from "../words.ts";

export function Facts({ shown }: { readonly shown: Detail }) {
  const { row, verification } = shown;
  const { resourceId, recurrence } = row;
  return (
    <dl class="facts">
      <Fact name="Received">{fullTime(row.receivedAt)}</Fact>
      <Fact name={resourceNoun(row.event)}>
        {resourceId === null ? (
          <span class="dim">none</span>
        ) : (
          <button type="button" class="link mono" title="Show its timeline" onClick={() => openResource(resourceId)}>
            {resourceId}
          </button>
        )}
      </Fact>
      <Fact name="Signature">
        <span class={isBadVerdict(row.verdict) ? "bad" : ""}>
          {row.verdict === "no-secret" ? "not verified" : row.verdict}
        </span>
        {verification.scheme === null ? null : <span class="dim"> · {verification.scheme}</span>}
      </Fact>
      <Fact name="Your app">
        <AppAnswer shown={shown} />
      </Fact>
      <Fact name="Delivery">
        <button type="button" class="link quiet mono" title="Copy the ID (y)" onClick={() => void copyId()}>
          {row.id}
        </button>
      </Fact>
      <Fact name={recurrence.kind === "first" ? "Size" : "Repeats"}>
        {recurrence.duplicateOf === null ? (
          size(row.bytes)
        ) : (
          <>
            {repeatWords(recurrence)}
            <span class="dim"> of </span>
            <button type="button" class="link mono" onClick={() => openDelivery(recurrence.duplicateOf ?? "")}>
              {recurrence.duplicateOf}
            </button>
          </>
        )}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The app's last response, or the answer to the sender if there is no app. */
function AppAnswer({ shown: { row, attempts } }: { readonly shown: Detail }) {
  const last = attempts.at(-1);
  if (last !== undefined) {
    const { status, durationMs, error } = last;
    if (status === null) return <span class="bad">{error?.reason ?? "no answer"}</span>;
    return (
      <>
        <span class={isAccepted(status) ? "" : "bad strong"}>{status}</span>
        <span class="dim">
          {" "}
          in {duration(durationMs)}
          {attempts.length > 1 ? ` · attempt ${attempts.length}` : ""}
        </span>
      </>
    );
  }
  if (row.answer === null) return <span class="dim">not answered yet</span>;
  return (
    <span class="dim">not forwarded{row.answer.status === null ? "" : ` · Bluum received ${row.answer.status}`}</span>
  );
}
