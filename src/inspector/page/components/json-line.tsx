import { useLayoutEffect, useRef } from "preact/hooks";
import { isPersonal } from "../json/personal.ts";
import { pathOf, type JsonLine } from "../json/tree.ts";
import { isPersonalHidden } from "../preferences.ts";
import { Hidden } from "./hidden.tsx";

const INDENT = 16;

interface JsonLineProps {
  readonly source: string;
  readonly lines: readonly JsonLine[];
  readonly number: number;
  readonly isActive: boolean;
  readonly isFolded: boolean;
  readonly onToggle: (number: number) => void;
  readonly onSelect: (number: number) => void;
}

export function JsonLineView({ source, lines, number, isActive, isFolded, onToggle, onSelect }: JsonLineProps) {
  const element = useRef<HTMLDivElement>(null);
  const line = lines[number];
  const depth = line?.depth ?? 0;
  useLayoutEffect(() => element.current?.style.setProperty("padding-left", `${20 + depth * INDENT}px`), [depth]);
  if (line === undefined) return null;
  const text = source.slice(line.value.start, line.value.end);
  const canFold = line.kind === "open" && line.count > 0;
  return (
    <div
      class="line"
      id={`line-${number}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={canFold ? !isFolded : undefined}
      data-active={isActive}
      title={pathOf(source, lines, line)}
      ref={element}
      onClick={() => onSelect(number)}
    >
      {canFold ? <span class="fold" aria-hidden="true" onClick={() => onToggle(number)} /> : null}
      {line.name === null ? null : (
        <>
          <span class="member">{source.slice(line.name.start, line.name.end)}</span>
          <span class="punctuation">: </span>
        </>
      )}
      <Value source={source} lines={lines} line={line} text={text} isFolded={isFolded} />
    </div>
  );
}

interface ValueProps {
  readonly source: string;
  readonly lines: readonly JsonLine[];
  readonly line: JsonLine;
  readonly text: string;
  readonly isFolded: boolean;
}

function Value({ source, lines, line, text, isFolded }: ValueProps) {
  if (line.kind === "close") return <span class="punctuation">{withComma(text, line)}</span>;
  if (line.kind === "open") {
    const end = lines[line.closedBy];
    const close = text === "{" ? "}" : "]";
    if (line.count === 0) return <span class="punctuation">{withComma(`${text}${close}`, end)}</span>;
    if (!isFolded) return <span class="punctuation">{text}</span>;
    return (
      <span class="punctuation">
        {text} <span class="folded">{line.count}</span> {withComma(close, end)}
      </span>
    );
  }
  const isHidden = isPersonalHidden.value && isPersonal(source, lines, line);
  return (
    <>
      <span class={line.kind}>{isHidden ? <Hidden text={text} /> : text}</span>
      <span class="punctuation">{withComma("", line)}</span>
    </>
  );
}

function withComma(text: string, line: JsonLine | undefined): string {
  return line?.hasComma === true ? `${text},` : text;
}
