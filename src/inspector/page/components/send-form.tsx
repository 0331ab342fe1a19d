import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { ReplayRequest } from "../../contract.ts";
import { createReplay, type ReplayState } from "../replay.ts";
import { session } from "../state.ts";
import { ReplayOutcome } from "./replay-outcome.tsx";

interface SendFormProps {
  readonly id: string;
  /** What is sent, besides its target. */
  readonly request: ReadonlySignal<ReplayRequest>;
  /** The words on the button. */
  readonly action: (state: ReplayState) => string;
  readonly hasFocus?: boolean;
  readonly before: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** Sends a delivery to an app, after a question if that is on another machine. */
export function SendForm({ id, request, action, hasFocus = false, before, children }: SendFormProps) {
  const replay = useMemo(() => createReplay(id), [id]);
  const to = useSignal("");
  const known = session.value === null || session.value === "ended" ? null : session.value;
  const state = replay.state.value;
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        void replay.send({
          ...request.peek(),
          ...(to.peek().trim() === "" ? {} : { to: to.peek().trim() }),
          ...(state.kind === "confirm" ? { confirmedHost: state.host } : {}),
        });
      }}
    >
      {before}
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
      {children}
      <ReplayOutcome state={state} />
      <div class="modal-actions">
        <button type="submit" class="button primary" disabled={state.kind === "running"} autofocus={hasFocus}>
          {state.kind === "confirm" ? `Send to ${state.host}` : action(state)}
        </button>
      </div>
    </form>
  );
}
