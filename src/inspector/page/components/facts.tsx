import type { ComponentChildren } from "preact";
import type { Detail, Row } from "../../contract.ts";
import { copyId, openDelivery, openResource, showTab } from "../actions.ts";
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
      <Fact name="Answered">
        <SenderAnswer row={row} />
      </Fact>
      <Fact name="Your app">
        <AppAnswer row={row} />
      </Fact>
      <Fact name="Signature">
        <span class={isBadVerdict(row.verdict) ? "bad" : ""}>
          {row.verdict === "no-secret" ? "not verified" : row.verdict}
        </span>
        {verification.scheme === null ? null : <span class="dim"> · {verification.scheme}</span>}
      </Fact>
      <Fact name="Size">{size(row.bytes)}</Fact>
      <Fact name="Delivery">
        <button type="button" class="link quiet mono" title="Copy the ID (y)" onClick={() => void copyId()}>
          {row.id}
        </button>
      </Fact>
      {recurrence.duplicateOf === null ? null : (
        <Fact name="Repeats">
          {repeatWords(recurrence)}
          <span class="dim"> of </span>
          <button type="button" class="link mono" onClick={() => openDelivery(recurrence.duplicateOf ?? "")}>
            {recurrence.duplicateOf}
          </button>
        </Fact>
      )}
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

/** What the sender received; the time until then includes the app's. */
function SenderAnswer({ row: { answer } }: { readonly row: Row }) {
  if (answer === null) return <span class="dim">not yet</span>;
  return (
    <span title="The answer to the sender, and the time until then">
      {answer.status ?? "sender hung up"}
      <span class="dim"> after {duration(answer.durationMs)}</span>
    </span>
  );
}

/** The app's last response to this delivery; replays to other URLs and edited ones are in the list of attempts. */
function AppAnswer({ row: { answer, forward } }: { readonly row: Row }) {
  return (
    <>
      {forward === null ? (
        <span class="dim">{answer === null ? "not answered yet" : "not forwarded"}</span>
      ) : (
        <button type="button" class="link" title="Show the attempts" onClick={() => showTab("attempts")}>
          <span class={isAccepted(forward.status ?? 0) ? "" : "bad strong"}>{forward.status ?? "no answer"}</span>
        </button>
      )}
      <span class="dim" title="The time until your app answered">
        {forward?.status == null ? "" : ` in ${duration(forward.durationMs)}`}
      </span>
    </>
  );
}
