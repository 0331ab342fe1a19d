import { isHarmlessField } from "../../../core/harmless.ts";
import type { Difference } from "../json/diff.ts";
import { isPersonalHidden } from "../preferences.ts";
import { Hidden } from "./hidden.tsx";

export function isHarmlessValue(name: string, text: string): boolean {
  return isHarmlessField(name, text.replace(/^"(.*)"$/s, "$1"));
}

interface DifferencesProps {
  readonly all: readonly Difference[];
  readonly isHarmless: (name: string, text: string) => boolean;
  readonly sides?: readonly [before: string, after: string];
}

export function Differences({ all, isHarmless, sides = ["Older", "Newer"] }: DifferencesProps) {
  const shown = (name: string, text: string | null) => {
    if (text === null) return <span class="dim">—</span>;
    return isPersonalHidden.value && !isHarmless(name, text) ? <Hidden text={text} /> : text;
  };
  return (
    <table class="differences">
      <thead>
        <tr>
          <th scope="col">
            <span class="spoken">Where</span>
          </th>
          {sides.map((side) => (
            <th key={side} scope="col">
              {side}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {all.map(({ path, kind, before, after, name }) => (
          <tr key={path} data-kind={kind}>
            <th scope="row">
              {path}
              {kind === "changed" ? null : <span class="tag">{kind}</span>}
            </th>
            <td class="before">{shown(name, before)}</td>
            <td class="after">{shown(name, after)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
