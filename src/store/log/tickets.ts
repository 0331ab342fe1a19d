import type { AppError } from "../../core/errors.ts";
import type { IndexedDelivery } from "../apply.ts";

/** What a delivery on its way into the store waits for: to be on the disk, and then to be in the tables. */
export class Ticket {
  readonly #durable = settler<void>();
  /** Made when somebody asks for it: in a flood nobody does. */
  #indexed: Settler<IndexedDelivery> | undefined;
  #found: IndexedDelivery | AppError | undefined;
  /** The delivery's. */
  readonly id: string;
  /** Where it is written: in this segment, before this place. */
  segment: string | undefined;
  end = Infinity;

  /** Bytes of its body, if it is not verified. */
  readonly unverifiedBytes: number;

  constructor(id: string, unverifiedBytes = 0) {
    this.id = id;
    this.unverifiedBytes = unverifiedBytes;
  }

  get durable(): Promise<void> {
    return this.#durable.promise;
  }

  /** Resolves after `durable`. Rejects if the disk or the tables do not take it. */
  indexed(): Promise<IndexedDelivery> {
    this.#indexed ??= settler();
    this.#settle();
    return this.#indexed.promise;
  }

  becameDurable(): void {
    this.#durable.resolve();
  }

  becameIndexed(found: IndexedDelivery): void {
    this.#found = found;
    this.#settle();
  }

  /** It could not be kept. */
  failed(error: AppError): void {
    this.#durable.reject(error);
    this.notIndexed(error);
  }

  /** It may be kept, but the tables have it not, or not yet. */
  notIndexed(error: AppError): void {
    this.#found = error;
    this.#settle();
  }

  #settle(): void {
    if (this.#found instanceof Error) this.#indexed?.reject(this.#found);
    else if (this.#found !== undefined) this.#indexed?.resolve(this.#found);
  }
}

export interface Settler<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: AppError): void;
}

/** A promise, and how it ends. Somebody must wait for it: a rejection that nobody hears ends the process. */
export function settler<Value>(): Settler<Value> {
  let resolve: Settler<Value>["resolve"] = ignore;
  let reject: Settler<Value>["reject"] = ignore;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

function ignore(): void {}
