const callbacks = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once the signal is aborted, unless that is taken back with what this returns. The signal gets one listener,
 * however many ask: an event target takes longer for one than a delivery takes to be verified.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  let known = callbacks.get(signal);
  if (known === undefined) {
    known = new Set();
    callbacks.set(signal, known);
    const all = known;
    signal.addEventListener("abort", () => all.forEach((each) => each()), { once: true });
  }
  const all = known;
  all.add(callback);
  return () => void all.delete(callback);
}
