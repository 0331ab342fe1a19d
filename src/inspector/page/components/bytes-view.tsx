import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Detail } from "../../contract.ts";
import { bytesOf, hexLine, LINE_BYTES, personalBytes } from "../hex.ts";
import { personalSpans, withDots } from "../json/personal.ts";
import { isPersonalHidden } from "../preferences.ts";
import { Download } from "./download.tsx";
import { Window } from "./window.tsx";

interface BytesViewProps {
  readonly shown: Detail;
  readonly as: "raw" | "hex";
  /** Another way to show a body of which this is the beginning. */
  readonly children?: ComponentChildren;
}

/** The body as it was sent. */
export function BytesView({ shown, as, children }: BytesViewProps) {
  const isAsked = useSignal(false);
  const { body, bodyBytes, truncated, row } = shown;
  if (bodyBytes === 0) return <p class="dim pad">Empty body</p>;
  // Secrets cannot be masked in binary data, or found reliably in a truncated text.
  const isWholeText = body.text !== undefined && !truncated;
  const isHidden = isPersonalHidden.value && !isAsked.value;
  if (isHidden && !isWholeText) {
    return (
      <p class="remark">
        Hidden, because it may contain personal data{" "}
        <button type="button" class="link" onClick={() => (isAsked.value = true)}>
          Show
        </button>
      </p>
    );
  }
  return (
    <>
      {truncated ? (
        <p class="remark">
          The beginning is shown <Download id={row.id} bytes={bodyBytes} /> {children}
        </p>
      ) : null}
      {as === "raw" && body.text !== undefined ? (
        <Raw text={body.text} isHidden={isHidden} />
      ) : (
        <Hex shown={shown} isHidden={isHidden} />
      )}
    </>
  );
}

function Raw({ text, isHidden }: { readonly text: string; readonly isHidden: boolean }) {
  const shown = useMemo(() => (isHidden ? withDots(text, personalSpans(text)) : text), [text, isHidden]);
  return <pre class="raw">{shown}</pre>;
}

function Hex({ shown, isHidden }: { readonly shown: Detail; readonly isHidden: boolean }) {
  const { body } = shown;
  const bytes = useMemo(() => bytesOf(body), [body]);
  const hidden = useMemo(
    () => (isHidden && body.text !== undefined ? personalBytes(body.text) : undefined),
    [body, isHidden],
  );
  return (
    <div class="hex">
      <Window total={Math.ceil(bytes.length / LINE_BYTES)} height={20}>
        {({ from, to }) =>
          Array.from({ length: to - from }, (_, index) => {
            const { offset, hex, text } = hexLine(bytes, from + index, hidden);
            return (
              <div key={from + index} class="hex-line">
                <span class="dim">{offset}</span>
                <span>{hex}</span>
                <span class="hex-text">{text}</span>
              </div>
            );
          })
        }
      </Window>
    </div>
  );
}
