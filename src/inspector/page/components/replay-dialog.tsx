import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { createReplay } from "../replay.ts";
import { session } from "../state.ts";
import { Modal } from "./modal.tsx";
import { ReplayOutcome } from "./replay-outcome.tsx";

export function ReplayDialog({ id }: { readonly id: string }) {
  const replay = useMemo(() => createReplay(id), [id]);
  const to = useSignal("");
  const isResigned = useSignal(false);
  const known = session.value === null || session.value === "ended" ? null : session.value;
  const state = replay.state.value;
  const send = (confirmedHost?: string) =>
    void replay.send({
      ...(to.value.trim() === "" ? {} : { to: to.value.trim() }),
      ...(isResigned.value ? { resign: true } : {}),
      ...(confirmedHost === undefined ? {} : { confirmedHost }),
    });
  return (
    <Modal title="Replay" hasFocus>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          send(state.kind === "confirm" ? state.host : undefined);
        }}
      >
        <p class="dim">
          Sends <span class="mono">{id}</span> to your app again, byte for byte.
        </p>
        <label class="field">
          Port or URL of your app
          <input
            type="text"
            value={to.value}
            placeholder={known?.forwardUrl ?? "3000"}
            spellcheck={false}
            onInput={(event) => (to.value = event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isResigned.value}
            disabled={known?.canSign === false}
            onChange={(event) => (isResigned.value = event.currentTarget.checked)}
          />
          Re-sign with the current time
        </label>
        <p class="dim small">
          {known?.canSign === false
            ? "The signing secret is not known here."
            : "Signatures with a timestamp expire after five minutes."}
        </p>
        <ReplayOutcome state={state} />
        <div class="modal-actions">
          <button type="submit" class="button primary" disabled={state.kind === "running"} autofocus>
            {state.kind === "confirm" ? `Send to ${state.host}` : state.kind === "sent" ? "Replay again" : "Replay"}
          </button>
        </div>
      </form>
    </Modal>
  );
}
