import { useSignal } from "@preact/signals";
import type { Detail } from "../../contract.ts";
import { text } from "../api.ts";
import { size } from "../format.ts";
import { message } from "../state.ts";
import { BytesView } from "./bytes-view.tsx";
import { Download } from "./download.tsx";
import { JsonTree } from "./json-tree.tsx";

export function Payload({ shown }: { readonly shown: Detail }) {
  const whole = useSignal<string | null>(null);
  const { body, bodyBytes, truncated, notJson, row } = shown;
  if (bodyBytes === 0) return <p class="dim pad">Empty body</p>;
  if (body.text === undefined) {
    return (
      <>
        <p class="remark">
          Binary body of {size(bodyBytes)} <Download id={row.id} bytes={bodyBytes} />
        </p>
        <BytesView shown={shown} as="hex" />
      </>
    );
  }
  if (truncated && whole.value === null) {
    const loadAll = async () => {
      const result = await text(`deliveries/${encodeURIComponent(row.id)}/body`);
      if (result.kind === "loaded") whole.value = result.value;
      else message.value = result.error.message;
    };
    return (
      <BytesView shown={shown} as="raw">
        <button type="button" class="link" onClick={() => void loadAll()}>
          Show as tree
        </button>
      </BytesView>
    );
  }
  return (
    <>
      {notJson === null ? null : <p class="remark warn">{notJson}</p>}
      <JsonTree source={whole.value ?? body.text} fallback={<BytesView shown={shown} as="raw" />} />
    </>
  );
}
