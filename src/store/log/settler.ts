import type { AppError } from "../../core/errors.ts";

/** A promise, and how it ends. Somebody must wait for it: a rejection that nobody handles ends the process. */
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
