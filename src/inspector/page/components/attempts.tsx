import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Attempt, Detail } from "../../contract.ts";
import { duration, fullTime, size } from "../format.ts";
import { differences } from "../json/diff.ts";
import { isPersonalHidden } from "../preferences.ts";
import { CAUSES, isAccepted } from "../words.ts";
import { Differences, isHarmlessValue } from "./differences.tsx";
import { HeaderTable } from "./header-table.tsx";
import { JsonTree } from "./json-tree.tsx";
import { Hidden } from "./hidden.tsx";

export function Attempts({ shown: { row, body, attempts } }: { readonly shown: Detail }) {
  if (attempts.length === 0) return <p class="dim pad">Not forwarded to an app.</p>;
  return (
    <ol class="attempts">
      {attempts.map((attempt) => (
        <OneAttempt
          key={attempt.n}
          id={row.id}
          attempt={attempt}
          original={body.text ?? ""}
          isLast={attempt.n === attempts.length}
        />
      ))}
    </ol>
  );
}

interface OneAttemptProps {
  readonly id: string;
  readonly attempt: Attempt;
  readonly original: string;
  readonly isLast: boolean;
}

function OneAttempt({ id, attempt, original, isLast }: OneAttemptProps) {
  const { n, cause, url, startedAt, durationMs, status, error } = attempt;
  const isOpen = useSignal(isLast);
  return (
    <li>
      <button
        type="button"
        class="attempt"
        aria-expanded={isOpen.value}
        onClick={() => (isOpen.value = !isOpen.peek())}
      >
        <span class="fold" aria-hidden="true" />
        <span class={`strong ${status !== null && isAccepted(status) ? "" : "bad"}`}>
          {status ?? error?.reason ?? "no answer"}
        </span>
        <span class="dim">in {duration(durationMs)}</span>
        <span class="cause">{CAUSES[cause]}</span>
        <span class="dim when">{fullTime(startedAt)}</span>
        <span class="spoken">attempt {n}</span>
      </button>
      {isOpen.value ? (
        <div class="attempt-body">
          <p class="mono dim wrap">{url}</p>
          {attempt.sent?.text === undefined ? null : <Sent original={original} text={attempt.sent.text} />}
          {error === null ? null : <p class="bad">{error.message}</p>}
          <AnswerBody id={id} attempt={attempt} />
          {attempt.headers.length === 0 ? null : <HeaderTable headers={attempt.headers} />}
        </div>
      ) : null}
    </li>
  );
}

/** The payload of an edited replay: its differences, and on request all of it. */
function Sent({ original, text }: { readonly original: string; readonly text: string }) {
  const all = useMemo(() => differences(original, text), [original, text]);
  return (
    <>
      {all === null || all.length === 0 ? null : (
        <Differences all={all} isHarmless={isHarmlessValue} sides={["Received", "Sent"]} />
      )}
      <details>
        <summary>Payload that was sent</summary>
        <Text text={text} />
      </details>
    </>
  );
}

function Text({ text }: { readonly text: string }) {
  return (
    <JsonTree
      source={text}
      fallback={<pre class="raw">{isPersonalHidden.value ? <Hidden text={text} /> : text}</pre>}
    />
  );
}

function AnswerBody({
  id,
  attempt: { n, body, bodyBytes, truncated },
}: {
  readonly id: string;
  readonly attempt: Attempt;
}) {
  if (body === null) return null;
  if (bodyBytes === 0) return <p class="dim">Empty body</p>;
  const download = (
    <a class="link" download href={`/_inspector/deliveries/${encodeURIComponent(id)}/attempts/${n}/body`}>
      Download {size(bodyBytes)}
    </a>
  );
  if (body.text === undefined) return <p class="dim">Binary body · {download}</p>;
  return (
    <>
      {truncated ? <p class="dim">Only the beginning is shown · {download}</p> : null}
      <Text text={body.text} />
    </>
  );
}
