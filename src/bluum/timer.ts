/** A signal that aborts when `parent` does, or when its own time has run out. */
export interface Timer extends Disposable {
  readonly signal: AbortSignal;
  /** Whether it was this timer that ran out, and not the parent that aborted. */
  readonly ranOut: boolean;
}

/** Starts a timer. Disposing it stops it and lets go of the parent, so that a long-lived parent collects no listeners. */
export function startTimer(parent: AbortSignal, ms: number): Timer {
  const controller = new AbortController();
  let ranOut = false;
  const onAbort = () => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener("abort", onAbort, { once: true });
  const timeout = setTimeout(() => {
    ranOut = !controller.signal.aborted;
    controller.abort(new Error(`${ms} ms have passed`));
  }, ms);
  return {
    signal: controller.signal,
    get ranOut() {
      return ranOut;
    },
    [Symbol.dispose]() {
      clearTimeout(timeout);
      parent.removeEventListener("abort", onAbort);
    },
  };
}

/** The promise's own outcome, or the signal's reason if that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    const settled = () => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(settled);
  });
}
