import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";

/** Lines rendered beyond both edges, so that a short scroll shows no empty space. */
const MARGIN = 8;

export interface WindowRange {
  readonly from: number;
  readonly to: number;
}

interface WindowProps {
  readonly total: number;
  /** An even number, because the scroll positions of a tall element are even. */
  readonly height: number;
  /** Renders these lines; the first one is at the top of the positioned element. */
  readonly children: (range: WindowRange) => ComponentChildren;
}

/** Renders only the visible lines of many with equal height in the enclosing scroll container, `data-scroller`. */
export function Window({ total, height, children }: WindowProps) {
  const inside = useRef<HTMLDivElement>(null);
  const lines = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<WindowRange>({ from: 0, to: 60 });
  const shown = { from: Math.min(range.from, total), to: Math.min(range.to, total) };

  useLayoutEffect(() => {
    const element = inside.current?.closest<HTMLElement>("[data-scroller]");
    if (element == null) return undefined;
    const read = () => {
      const top = element.scrollTop - offsetIn(inside.current, element);
      const from = Math.max(0, Math.floor(top / height) - MARGIN);
      const to = Math.ceil((top + element.clientHeight) / height) + MARGIN;
      setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, [height]);

  // Set through the CSSOM, because the content security policy forbids style attributes.
  useLayoutEffect(() => {
    inside.current?.style.setProperty("height", `${total * height}px`);
    lines.current?.style.setProperty("transform", `translateY(${shown.from * height}px)`);
  });

  return (
    <div class="window" role="presentation" ref={inside}>
      <div class="window-lines" role="presentation" ref={lines}>
        {children(shown)}
      </div>
    </div>
  );
}

function offsetIn(element: HTMLElement | null, scroller: HTMLElement): number {
  if (element === null) return 0;
  return element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
}
