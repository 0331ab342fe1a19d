import type { AppError } from "../../core/errors.ts";
import type { IndexedDelivery } from "../apply.ts";

/** What a delivery on its way into the store waits for. */
export interface Ticket {
  readonly durable: Settler<void>;
  readonly indexed: Settler<IndexedDelivery>;
}

export interface Settler<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: AppError): void;
}

export function newTicket(): Ticket {
  return { durable: settler(), indexed: settler() };
}

export function settler<Value>(): Settler<Value> {
  let settle: Pick<Settler<Value>, "resolve" | "reject"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => (settle = { resolve, reject }));
  // Nobody may be waiting for just this one.
  promise.catch(() => {});
  return { promise, ...(settle as unknown as Pick<Settler<Value>, "resolve" | "reject">) };
}
