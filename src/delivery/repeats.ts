/** Intervals at which a repeated fact is published with its count: short at first, then longer. */
const PAUSES_MS = [5_000, 30_000, 300_000, 3_600_000] as const;
/** Maximum number of kinds to remember. Beyond it the oldest is forgotten, and would be published again. */
const MAX_KINDS = 1_000;

interface Kind<Fact> {
  latest: Fact;
  count: number;
  published: number;
  reports: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Publishes a fact that may repeat at once the first time; after that it counts repetitions and publishes the latest
 * one at intervals, with the total count.
 */
export class Repeats<Fact> {
  readonly #publish: (fact: Fact, count: number) => void;
  readonly #kinds = new Map<string, Kind<Fact>>();

  constructor(publish: (fact: Fact, count: number) => void) {
    this.#publish = publish;
  }

  add(key: string, fact: Fact): void {
    const kind = this.#kinds.get(key);
    if (kind === undefined) return this.#begin(key, fact);
    kind.latest = fact;
    kind.count += 1;
    kind.timer ??= setTimeout(
      () => this.#report(kind),
      PAUSES_MS[Math.min(kind.reports, PAUSES_MS.length - 1)],
    ).unref();
  }

  /** Publishes all facts that have only been counted. */
  flush(): void {
    for (const kind of this.#kinds.values()) this.#report(kind);
  }

  #begin(key: string, fact: Fact): void {
    this.#kinds.set(key, { latest: fact, count: 1, published: 1, reports: 0, timer: undefined });
    const [oldest = ""] = this.#kinds.keys();
    if (this.#kinds.size > MAX_KINDS) {
      clearTimeout(this.#kinds.get(oldest)?.timer);
      this.#kinds.delete(oldest);
    }
    this.#publish(fact, 1);
  }

  #report(kind: Kind<Fact>): void {
    clearTimeout(kind.timer);
    kind.timer = undefined;
    if (kind.count === kind.published) return;
    kind.published = kind.count;
    kind.reports += 1;
    this.#publish(kind.latest, kind.count);
  }
}
