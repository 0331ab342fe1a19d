import { useComputed, useSignal } from "@preact/signals";
import { session } from "../state.ts";
import { Modal } from "./modal.tsx";
import { SendForm } from "./send-form.tsx";

export function ReplayDialog({ id }: { readonly id: string }) {
  const isResigned = useSignal(false);
  const request = useComputed(() => (isResigned.value ? { resign: true } : {}));
  const canSign = session.value === null || session.value === "ended" || session.value.canSign;
  return (
    <Modal title="Replay" hasFocus>
      <SendForm
        id={id}
        request={request}
        action={({ kind }) => (kind === "sent" ? "Replay again" : "Replay")}
        hasFocus
        before={
          <p class="dim">
            Sends <span class="mono">{id}</span> to your app again, byte for byte.
          </p>
        }
      >
        <label class="check">
          <input
            type="checkbox"
            checked={isResigned.value}
            disabled={!canSign}
            onChange={(event) => (isResigned.value = event.currentTarget.checked)}
          />
          Re-sign with the current time
        </label>
        <p class="dim small">
          {canSign ? "Signatures with a timestamp expire after five minutes." : "The signing secret is not known here."}
        </p>
      </SendForm>
    </Modal>
  );
}
