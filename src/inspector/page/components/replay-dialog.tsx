import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Detail } from "../../contract.ts";
import { get } from "../api.ts";
import { session } from "../state.ts";
import { Modal } from "./modal.tsx";
import { SendForm } from "./send-form.tsx";

/** How old a signature may be for a usual receiver. */
const MAX_AGE_MS = 300_000;

export function ReplayDialog({ id }: { readonly id: string }) {
  const isResigned = useSignal(false);
  const isExpired = useSignal(false);
  useEffect(() => {
    void hasExpired(id).then((value) => (isExpired.value = value));
  }, [id, isExpired]);
  const request = useComputed(() => (isResigned.value ? { resign: true } : {}));
  const canSign = session.value === null || session.value === "ended" || session.value.canSign;
  return (
    <Modal title="Replay" hasFocus>
      <SendForm
        id={id}
        request={request}
        action={({ kind }) => (kind === "sent" ? "Replay again" : "Replay")}
        hasFocus
        before={() => (
          <p class="dim">
            Sends <span class="mono">{id}</span> to your app again, byte for byte.
          </p>
        )}
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
        {isExpired.value && !isResigned.value ? (
          <p class="warn small">This signature has expired: an app that checks its time refuses it.</p>
        ) : (
          <p class="dim small">Signatures with a timestamp expire after five minutes.</p>
        )}
        {canSign ? null : <p class="dim small">The signing secret is not known here.</p>}
      </SendForm>
    </Modal>
  );
}

async function hasExpired(id: string): Promise<boolean> {
  const result = await get<Detail>(`deliveries/${encodeURIComponent(id)}`);
  const signedAt = result.kind === "loaded" ? result.value.verification.signedAt : null;
  return signedAt !== null && Date.now() - signedAt > MAX_AGE_MS;
}
