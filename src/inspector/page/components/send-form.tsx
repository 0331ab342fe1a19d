import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
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
  readonly before: (state: ReplayState) => ComponentChildren;
  readonly onSent?: (request: ReplayRequest) => void;
  readonly children?: ComponentChildren;
}

/** Sends a delivery to an app, after a question if that is on another machine. */
export function SendForm({ id, request, action, hasFocus = false, before, onSent, children }: SendFormProps) {
  const replay = useMemo(() => createReplay(id), [id]);
  const to = useSignal("");
  const known = session.value === null || session.value === "ended" ? null : session.value;
  const state = replay.state.value;
  useEffect(() => {
    if (state.kind === "sent") onSent?.(state.request);
  }, [state]);
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        if (state.kind === "running") return;
        void replay.send({
          ...request.peek(),
          ...(to.peek().trim() === "" ? {} : { to: to.peek().trim() }),
          ...(state.kind === "confirm" ? { confirmedHost: state.host } : {}),
        });
      }}
    >
      {before(state)}
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
        {/* The focus would leave a disabled button. */}
        <button type="submit" class="button primary" aria-disabled={state.kind === "running"} autofocus={hasFocus}>
          {state.kind === "confirm" ? `Send to ${state.host}` : action(state)}
        </button>
      </div>
    </form>
  );
}
