import { duration } from "../format.ts";
import type { ReplayState } from "../replay.ts";
import { showTab } from "../actions.ts";
import { isAccepted } from "../words.ts";
import { closeDialog } from "./modal.tsx";

/** The result of a replay. */
export function ReplayOutcome({ state }: { readonly state: ReplayState }) {
  switch (state.kind) {
    case "idle":
      return null;
    case "running":
      return (
        <p class="outcome" role="status">
          Sending…
        </p>
      );
    case "confirm":
      return (
        <p class="outcome warn" role="alert">
          {state.host} is not on this machine. Send the delivery there?
        </p>
      );
    case "refused":
      return (
        <div class="outcome bad" role="alert">
          <p>{state.error.message}</p>
          {state.error.hint === null ? null : <p class="dim">{state.error.hint}</p>}
        </div>
      );
    case "sent": {
      const { status, durationMs, error } = state.answer.attempt;
      const isGood = status !== null && isAccepted(status);
      return (
        <div class="outcome" role="status">
          <p>
            <span class={isGood ? "good strong" : "bad strong"}>{status ?? error?.reason ?? "no answer"}</span>{" "}
            <span class="dim">in {duration(durationMs)}</span>
            {error === null ? null : <span> · {error.message}</span>}
          </p>
          {state.answer.changes.map((change) => (
            <p key={change} class="dim small">
              {change}
            </p>
          ))}
          <button
            type="button"
            class="link"
            onClick={() => {
              showTab("attempts");
              closeDialog();
            }}
          >
            Show the answer
          </button>
        </div>
      );
    }
    default:
      return state satisfies never;
  }
}
