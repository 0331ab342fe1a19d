import type { HeaderPair, Preview } from "../../contract.ts";
import type { Loaded } from "../state.ts";
import { isBadVerdict } from "../words.ts";

interface SignaturePreviewProps {
  readonly preview: Loaded<Preview>;
  /** The headers that this body was sent with; null before. */
  readonly sent: readonly HeaderPair[] | null;
}

/** The stored signature, and the one that the edited body is sent with. */
export function SignaturePreview({ preview, sent }: SignaturePreviewProps) {
  if (preview.kind === "loading") return <div class="signatures" aria-busy="true" />;
  if (preview.kind === "failed") return <p class="warn">{preview.error.message}</p>;
  const { original, edited } = preview.value;
  return (
    <div class="signatures">
      <Signature title="Original" headers={original.headers}>
        <span class={isBadVerdict(original.overEdited) ? "bad" : "dim"}>
          {original.overEdited === "verified" ? "valid for this body" : `${original.overEdited} over this body`}
        </span>
      </Signature>
      <Signature title={sent === null ? "Will be sent" : "Sent"} headers={sent ?? edited.headers}>
        <span class="dim">
          {edited.scheme}
          {sent === null ? ", with a new ID and the time of sending" : ""}
        </span>
      </Signature>
    </div>
  );
}

interface SignatureProps {
  readonly title: string;
  readonly headers: readonly HeaderPair[];
  readonly children: preact.ComponentChildren;
}

function Signature({ title, headers, children }: SignatureProps) {
  return (
    <div class="signature">
      <p>
        <span class="strong">{title}</span> {children}
      </p>
      <dl class="mono">
        {headers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
