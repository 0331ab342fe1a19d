/** After how long what has happened again is published, with its number: soon at first, then more and more rarely. */
const PAUSES_MS = [5_000, 30_000, 300_000, 3_600_000] as const;
/** Kinds that are remembered. Beyond them the oldest is forgotten, and would be published again. */
const MAX_KINDS = 1_000;

interface Kind<Fact> {
  latest: Fact;
  count: number;
  published: number;
  reports: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * What may happen over and over is published at once the first time, and then only counted: the latest comes now and then,
 * with the number of times that it has happened so far.
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

  /** Publishes all that has only been counted. */
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
