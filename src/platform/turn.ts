let ending: Promise<void> | undefined;

/**
 * Resolves once the input of this turn of the event loop has been processed and its output has been sent. All callers
 * that wait in one turn continue together, one after the other.
 */
export function endOfTurn(): Promise<void> {
  ending ??= new Promise((resolve) => {
    setImmediate(() => {
      ending = undefined;
      resolve();
    });
  });
  return ending;
}
