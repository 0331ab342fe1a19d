let ending: Promise<void> | undefined;

/**
 * Resolves once what has come in during this turn of the event loop has been looked at, and what was to go out has gone. All
 * who wait for it in one turn go on together, one after the other.
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
