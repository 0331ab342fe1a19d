import { signal, useSignal } from "@preact/signals";
import type { TriggerAnswer, TriggerRequest } from "../../contract.ts";
import { post } from "../api.ts";
import type { ReplayState } from "../replay.ts";
import { dialog, message, triggers } from "../state.ts";
import { closeDialog, Modal } from "./modal.tsx";
import { ReplayOutcome } from "./replay-outcome.tsx";

/** They stay for the next time. */
const what = signal<TriggerRequest["what"]>("order");
const event = signal("");

const CHOICES = [
  { what: "order", about: "buy 1 AAPL" },
  { what: "event", about: "signed, directly to the listener" },
] as const;

export function TriggerDialog() {
  const state = useSignal<ReplayState>({ kind: "idle" });
  const isRunning = state.value.kind === "running";
  const send = async () => {
    const [shown, name] = [dialog.peek(), event.peek().trim()];
    const isOrder = what.peek() === "order";
    state.value = { kind: "running" };
    const result = await post<TriggerAnswer>("trigger", isOrder ? { what: "order" } : { what: "event", event: name });
    const isOpen = dialog.peek() === shown;
    if (result.kind === "failed") {
      state.value = { kind: "refused", error: result.error };
      if (!isOpen) message.value = result.error.message;
      return;
    }
    const { resourceId, status } = result.value;
    message.value = isOrder ? `Order ${resourceId ?? ""} placed: ${status}` : `${name} sent: ${status}`;
    if (isOpen) closeDialog();
  };
  return (
    <Modal title="Trigger" hasFocus>
      <form
        method="dialog"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          if (!isRunning) void send();
        }}
      >
        <fieldset class="choices">
          <legend class="spoken">What</legend>
          {CHOICES.map((each) => (
            <label key={each.what} class="check">
              <input
                type="radio"
                name="what"
                checked={what.value === each.what}
                autofocus={what.peek() === each.what}
                onChange={() => (what.value = each.what)}
              />
              <span class="strong">{each.what}</span> <span class="dim">{each.about}</span>
            </label>
          ))}
        </fieldset>
        {what.value === "order" ? null : (
          <label class="field">
            Event
            <input
              type="text"
              required
              list="events"
              value={event.value}
              placeholder="order.filled"
              autocomplete="off"
              spellcheck={false}
              onInput={({ currentTarget }) => (event.value = currentTarget.value)}
            />
            <datalist id="events">
              {triggers.value?.map((name) => (
                <option key={name} value={name} />
              ))}
            </datalist>
          </label>
        )}
        <ReplayOutcome state={state.value} />
        <div class="modal-actions">
          {/* The focus would leave a disabled button. */}
          <button type="submit" class="button primary" aria-disabled={isRunning}>
            Trigger
          </button>
        </div>
      </form>
    </Modal>
  );
}
