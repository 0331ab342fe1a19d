import type { AppError } from "../../core/errors.ts";
import type { IndexedDelivery } from "../apply.ts";

/** What a delivery on its way into the store waits for: to be on the disk, and then to be in the tables. */
export class Ticket {
  readonly durable: Promise<void>;
  /** Resolves after `durable`, although the tables may have it before the disk does. Rejects if either does not take it. */
  readonly indexed: Promise<IndexedDelivery>;
  readonly #durable: Settler<void>;
  readonly #indexed: Settler<IndexedDelivery>;
  #isDurable = false;
  #found: IndexedDelivery | undefined;

  constructor() {
    this.#durable = settler();
    this.#indexed = settler();
    this.durable = this.#durable.promise;
    this.indexed = this.#indexed.promise;
  }

  becameDurable(): void {
    this.#isDurable = true;
    this.#durable.resolve();
    if (this.#found !== undefined) this.#indexed.resolve(this.#found);
  }

  becameIndexed(found: IndexedDelivery): void {
    this.#found = found;
    if (this.#isDurable) this.#indexed.resolve(found);
  }

  /** It could not be kept. */
  failed(error: AppError): void {
    this.#durable.reject(error);
    this.#indexed.reject(error);
  }

  /** It may be kept, but the tables have it not, or not yet. */
  notIndexed(error: AppError): void {
    this.#indexed.reject(error);
  }
}

export interface Settler<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: AppError): void;
}

export function settler<Value>(): Settler<Value> {
  let resolve: Settler<Value>["resolve"] = ignore;
  let reject: Settler<Value>["reject"] = ignore;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  // Nobody may be waiting for just this one.
  promise.catch(ignore);
  return { promise, resolve, reject };
}

function ignore(): void {}
