import { useSignal } from "@preact/signals";
import type { TriggerAnswer } from "../../contract.ts";
import { post } from "../api.ts";
import { message, session } from "../state.ts";

/** Places a test order, if this is possible and without risk. */
export function TriggerButton() {
  const isRunning = useSignal(false);
  const state = session.value;
  if (state === null || state === "ended" || !state.canTrigger) return null;
  const run = async () => {
    isRunning.value = true;
    const result = await post<TriggerAnswer>("trigger", { what: "order" });
    isRunning.value = false;
    message.value =
      result.kind === "failed"
        ? result.error.message
        : `Order ${result.value.resourceId ?? ""} placed: ${result.value.status}`.replace("  ", " ");
  };
  return (
    <button type="button" class="button" disabled={isRunning.value} onClick={() => void run()}>
      Trigger order
    </button>
  );
}
