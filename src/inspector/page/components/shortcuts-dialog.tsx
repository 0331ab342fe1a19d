import { keyNames, SHORTCUTS } from "../shortcut-table.ts";
import { hasSingleKeys } from "../preferences.ts";
import { Modal } from "./modal.tsx";

const GROUPS = ["Move", "Act", "Show"] as const;

export function ShortcutsDialog() {
  return (
    <Modal title="Shortcuts">
      <div class="shortcuts">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {SHORTCUTS.filter((each) => each.group === group).map((shortcut) => (
                <div key={shortcut.about}>
                  <dt>
                    {keyNames(shortcut).map((name) => (
                      <kbd key={name}>{name}</kbd>
                    ))}
                  </dt>
                  <dd>{shortcut.about}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={hasSingleKeys.value}
          onChange={(event) => (hasSingleKeys.value = event.currentTarget.checked)}
        />
        Use shortcuts of one letter
      </label>
    </Modal>
  );
}
