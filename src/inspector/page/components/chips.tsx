import { setQuery, toNewest } from "../actions.ts";
import { number } from "../format.ts";
import { counts, query, view, waiting } from "../state.ts";
import { CHIPS, isChosen, withChip, type Chip } from "../words.ts";

/** With a plus sign while older deliveries are being counted. */
function countOf({ counted }: Chip): string {
  const known = counts.value;
  if (known === null) return "";
  return `${number(known[counted])}${known.searched < 1 && counted !== "all" ? "+" : ""}`;
}

export function Chips() {
  return (
    <div class="chips">
      <nav aria-label="Filters">
        {CHIPS.map((chip) => (
          <button
            key={chip.name}
            type="button"
            class="chip"
            aria-pressed={isChosen(query.value, chip)}
            title={chip.word === "" ? "Clear the filter" : `Filter: ${chip.word}`}
            onClick={() => setQuery(withChip(query.peek(), chip))}
          >
            {chip.name} <span class="count">{countOf(chip)}</span>
          </button>
        ))}
      </nav>
      <button type="button" class="chip overview-link" onClick={() => (view.value = { kind: "overview" })}>
        Overview
      </button>
      {waiting.value === 0 ? null : (
        <button type="button" class="button primary new" onClick={toNewest}>
          ↑ {number(waiting.value)} new
        </button>
      )}
    </div>
  );
}
