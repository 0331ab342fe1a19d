import { dialog } from "../state.ts";
import { EditDialog } from "./edit-dialog.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { ShortcutsDialog } from "./shortcuts-dialog.tsx";
import { TriggerDialog } from "./trigger-dialog.tsx";

export function Dialogs() {
  const shown = dialog.value;
  switch (shown?.kind) {
    case undefined:
      return null;
    case "shortcuts":
      return <ShortcutsDialog />;
    case "replay":
      return <ReplayDialog id={shown.id} />;
    case "edit":
      return <EditDialog id={shown.id} />;
    case "export":
      return <ExportDialog />;
    case "trigger":
      return <TriggerDialog />;
    default:
      return shown satisfies never;
  }
}
