import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";
import type { JsonLine, Tree } from "../json/tree.ts";
import { useTree } from "../json/use-tree.ts";
import { JsonLineView } from "./json-line.tsx";
import { Window } from "./window.tsx";

const LINE_HEIGHT = 20;

interface JsonTreeProps {
  readonly source: string;
  /** Shown if the text is not JSON. */
  readonly fallback: ComponentChildren;
}

/** A JSON text as a collapsible tree; every value is shown as written. */
export function JsonTree({ source, fallback }: JsonTreeProps) {
  const tree = useTree(source);
  if (tree === undefined) return <p class="dim pad">Reading…</p>;
  return tree.kind === "tree" ? <TreeView source={source} tree={tree} /> : <>{fallback}</>;
}

interface TreeViewProps {
  readonly source: string;
  readonly tree: Extract<Tree, { kind: "tree" }>;
}

function TreeView({ source, tree: { lines } }: TreeViewProps) {
  const folded = useSignal<ReadonlySet<number>>(new Set());
  const active = useSignal(0);
  const element = useRef<HTMLDivElement>(null);
  const visible = useMemo(() => visibleLines(lines, folded.value), [lines, folded.value]);

  const fold = (line: number, isFolded: boolean) => {
    const next = new Set(folded.peek());
    if (isFolded) next.add(line);
    else next.delete(line);
    folded.value = next;
  };
  const toggle = (line: number) => fold(line, !folded.peek().has(line));
  const select = (line: number) => {
    active.value = line;
    keepInView(element.current, visible.indexOf(line));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = visible.indexOf(active.peek());
    const line = lines[active.peek()];
    if (line === undefined) return;
    const canFold = line.kind === "open" && line.count > 0;
    const isFolded = folded.peek().has(active.peek());
    if (event.key === "ArrowDown") select(visible[at + 1] ?? active.peek());
    else if (event.key === "ArrowUp") select(visible[at - 1] ?? active.peek());
    else if (event.key === "ArrowRight" && canFold && isFolded) fold(active.peek(), false);
    else if (event.key === "ArrowLeft" && canFold && !isFolded) fold(active.peek(), true);
    else if (event.key === "ArrowLeft" && line.parent >= 0) select(line.parent);
    else if (event.key === "Enter" && canFold) toggle(active.peek());
    else return;
    event.preventDefault();
  };

  return (
    <div
      class="tree"
      role="tree"
      aria-label="JSON"
      tabIndex={0}
      aria-activedescendant={`line-${active.value}`}
      ref={element}
      onKeyDown={onKeyDown}
    >
      <Window total={visible.length} height={LINE_HEIGHT}>
        {({ from, to }) =>
          visible
            .slice(from, to)
            .map((number) => (
              <JsonLineView
                key={number}
                source={source}
                lines={lines}
                number={number}
                isActive={active.value === number}
                isFolded={folded.value.has(number)}
                onToggle={toggle}
                onSelect={select}
              />
            ))
        }
      </Window>
    </div>
  );
}

function visibleLines(lines: readonly JsonLine[], folded: ReadonlySet<number>): number[] {
  const visible: number[] = [];
  for (let number = 0; number < lines.length; number += 1) {
    const line = lines[number];
    if (line === undefined) break;
    visible.push(number);
    // An empty or collapsed one is shown on one line.
    if (line.kind === "open" && (line.count === 0 || folded.has(number))) number = line.closedBy;
  }
  return visible;
}

function keepInView(tree: HTMLElement | null, index: number): void {
  const scroller = tree?.closest<HTMLElement>("[data-scroller]");
  if (tree === null || scroller == null) return;
  const top = tree.getBoundingClientRect().top - scroller.getBoundingClientRect().top + index * LINE_HEIGHT;
  if (top < 0) scroller.scrollTop += top;
  const overlap = top + LINE_HEIGHT * 2 - scroller.clientHeight;
  if (overlap > 0) scroller.scrollTop += overlap;
}
