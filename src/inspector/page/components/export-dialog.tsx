import { useSignal } from "@preact/signals";
import type { ExportFormat } from "../../contract.ts";
import { params } from "../api.ts";
import { query } from "../state.ts";
import { closeDialog, Modal } from "./modal.tsx";

const FORMATS: readonly { readonly format: ExportFormat; readonly about: string }[] = [
  { format: "ndjson", about: "one delivery per line" },
  { format: "har", about: "for browser tools" },
  { format: "curl", about: "a script that resends them" },
];

export function ExportDialog() {
  const format = useSignal<ExportFormat>("ndjson");
  const isRedacted = useSignal(true);
  const href = `/_inspector/export${params({ format: format.value, q: query.value, redact: isRedacted.value ? 1 : 0 })}`;
  return (
    <Modal title="Export">
      <p class="dim">
        {query.value === "" ? "All deliveries, oldest first." : `Deliveries that match the filter: ${query.value}`}
      </p>
      <fieldset class="choices">
        <legend class="spoken">Format</legend>
        {FORMATS.map(({ format: each, about }) => (
          <label key={each} class="check">
            <input
              type="radio"
              name="format"
              value={each}
              checked={format.value === each}
              onChange={() => (format.value = each)}
            />
            <span class="strong">{each}</span> <span class="dim">{about}</span>
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input
          type="checkbox"
          checked={isRedacted.value}
          onChange={(event) => (isRedacted.value = event.currentTarget.checked)}
        />
        Redact personal data
      </label>
      <p class={isRedacted.value ? "dim small" : "warn small"}>
        {isRedacted.value
          ? "Only fields known to be harmless are kept."
          : "The file contains all data, including personal data."}
      </p>
      <div class="modal-actions">
        <a class="button primary" download href={href} onClick={() => setTimeout(closeDialog)}>
          Export
        </a>
      </div>
    </Modal>
  );
}
