import { number } from "../format.ts";
import { snapshot } from "../state.ts";

/** Says that a list is not complete yet. */
export function SearchState() {
  const state = snapshot.value;
  if (state.kind !== "loaded" || state.value.searched === 1 || state.value.total === 0) return null;
  return (
    <p class="note searching">
      {number(state.value.total)} found so far, {percent(state.value.searched)} searched
    </p>
  );
}

export function percent(part: number): string {
  return `${Math.floor(part * 100)} %`;
}
