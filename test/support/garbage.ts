import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Frees everything that is not referenced any more. */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}
