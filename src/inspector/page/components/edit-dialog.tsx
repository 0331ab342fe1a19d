import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Detail, Preview, ReplayRequest } from "../../contract.ts";
import { get, post, text } from "../api.ts";
import { base64Of } from "../hex.ts";
import { indented } from "../json/indented.ts";
import { readTree } from "../json/tree.ts";
import type { ReplayState } from "../replay.ts";
import { LOADING, type Loaded } from "../state.ts";
import { Modal } from "./modal.tsx";
import { Notice } from "./notice.tsx";
import { SendForm } from "./send-form.tsx";
import { SignaturePreview } from "./signature-preview.tsx";

const TYPING_MS = 250;

/** Edited bodies by the delivery's ID, until they are sent or reset: closing the dialog must not lose them. */
const drafts = new Map<string, string>();

export function EditDialog({ id }: { readonly id: string }) {
  const original = useSignal<Loaded<string>>(LOADING);
  useEffect(() => {
    void loadBody(id).then((loaded) => (original.value = loaded));
  }, [id, original]);
  const state = original.value;
  return (
    <Modal title="Edit and replay" isWide hasFocus>
      {state.kind === "loaded" ? (
        <Editor id={id} original={state.value} />
      ) : state.kind === "failed" ? (
        <Notice title="Cannot edit this delivery" text={state.error.message} hint={state.error.hint} />
      ) : null}
    </Modal>
  );
}

async function loadBody(id: string): Promise<Loaded<string>> {
  const path = `deliveries/${encodeURIComponent(id)}`;
  const result = await get<Detail>(path);
  if (result.kind === "failed") return result;
  const { body, truncated } = result.value;
  if (truncated) return text(`${path}/body`);
  if (body.text !== undefined) return { kind: "loaded", value: body.text };
  return { kind: "failed", error: { code: "binary_body", message: "The body is not text", hint: null } };
}

function Editor({ id, original }: { readonly id: string; readonly original: string }) {
  const body = useSignal(drafts.get(id) ?? original);
  const preview = useSignal<Loaded<Preview>>(LOADING);
  const request = useComputed(() => ({ bodyBase64: base64Of(body.value), resign: true }));
  const edited = body.value;
  const problem = syntaxProblem(edited);
  const editor = useRef<HTMLTextAreaElement>(null);
  useEffect(() => editor.current?.focus(), []);

  useEffect(() => {
    const timer = setTimeout(() => {
      void post<Preview>(`deliveries/${encodeURIComponent(id)}/preview`, {
        bodyBase64: base64Of(edited),
      }).then((result) => (preview.value = result));
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [id, edited, preview]);

  // Not in an effect: it would run after the next frame, and closing the dialog before that would lose the last change.
  const edit = (changed: string) => {
    body.value = changed;
    if (changed === original) drafts.delete(id);
    else drafts.set(id, changed);
  };
  const forget = (sent: ReplayRequest) => {
    if (sent.bodyBase64 === request.peek().bodyBase64) drafts.delete(id);
  };
  const sentWith = (state: ReplayState) =>
    state.kind === "sent" && state.request.bodyBase64 === base64Of(edited) ? state.answer.signature : null;
  const before = (state: ReplayState) => (
    <>
      <textarea
        class="editor"
        aria-label="Body"
        spellcheck={false}
        ref={editor}
        value={edited}
        onInput={(event) => edit(event.currentTarget.value)}
      />
      <div class="editor-state">
        <span class={problem === null ? "dim" : "warn"}>
          {problem ?? (edited === original ? "As received" : "Edited: sent as a new event, re-signed")}
        </span>
        <button type="button" class="link" disabled={edited === original} onClick={() => edit(original)}>
          Original
        </button>
        <button type="button" class="link" disabled={problem !== null} onClick={() => edit(indented(edited))}>
          Indent
        </button>
      </div>
      <SignaturePreview preview={preview.value} sent={sentWith(state)} />
    </>
  );
  return <SendForm id={id} request={request} action={() => "Re-sign and send"} before={before} onSent={forget} />;
}

function syntaxProblem(source: string): string | null {
  const tree = readTree(source);
  if (tree.kind === "tree") return null;
  const line = source.slice(0, tree.offset).split("\n").length;
  return `Not JSON: ${tree.reason} in line ${line}`;
}
