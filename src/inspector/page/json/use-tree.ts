import { useEffect, useMemo, useState } from "preact/hooks";
import { readTree, TreeReader, type Tree } from "./tree.ts";

/** Longer texts are read in slices. */
const AT_ONCE_CHARS = 200_000;
const SLICE_TOKENS = 20_000;

/** The tree of a text; undefined while it is being read. */
export function useTree(source: string): Tree | undefined {
  const isShort = source.length <= AT_ONCE_CHARS;
  const short = useMemo(() => (isShort ? readTree(source) : undefined), [source, isShort]);
  const [long, setLong] = useState<{ readonly source: string; readonly tree: Tree }>();

  useEffect(() => {
    if (isShort) return undefined;
    const reader = new TreeReader(source);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = () => {
      const tree = reader.step(SLICE_TOKENS);
      if (tree === undefined) timer = setTimeout(step);
      else setLong({ source, tree });
    };
    step();
    return () => clearTimeout(timer);
  }, [source, isShort]);

  return short ?? (long?.source === source ? long.tree : undefined);
}
