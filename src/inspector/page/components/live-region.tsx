import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { count } from "../format.ts";
import { announced, message } from "../state.ts";

/** Minimum interval at which numbers are announced to screen readers. */
const ANNOUNCE_MS = 5_000;
const MESSAGE_MS = 4_000;

export function LiveRegion() {
  const spoken = useSignal("");
  const said = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useSignalEffect(() => {
    if (announced.value === said.current || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const fresh = announced.peek() - said.current;
      said.current = announced.peek();
      spoken.value = count(fresh, "new delivery").replace("deliverys", "deliveries");
    }, ANNOUNCE_MS);
  });
  useSignalEffect(() => {
    if (message.value === "") return undefined;
    const gone = setTimeout(() => (message.value = ""), MESSAGE_MS);
    return () => clearTimeout(gone);
  });
  return (
    <>
      <p class="spoken" role="log" aria-live="polite">
        {spoken.value}
      </p>
      <p class="message" role="status" hidden={message.value === ""}>
        {message.value}
      </p>
    </>
  );
}
