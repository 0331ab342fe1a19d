import type { AppError } from "../../core/errors.ts";

/** A promise with its resolve and reject functions. A caller must await it: an unhandled rejection ends the process. */
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
  return { promise, resolve, reject };
}

function ignore(): void {}
