/** Keeps this thread busy with this work, once in each turn of the event loop, until stopped. */
export function keepBusy(work: () => unknown): () => Promise<void> {
  const over = new AbortController();
  const ended = (async () => {
    while (!over.signal.aborted) {
      work();
      for (const until = performance.now() + 5; performance.now() < until;);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return async () => {
    over.abort();
    await ended;
  };
}
