import { inspect } from "node:util";
import { expect } from "vitest";
import { AppError } from "../../../src/core/errors.ts";
import { SECRETS } from "./scripted-api.ts";

/** The error of a call, after checking that it contains no secret. */
export async function failureOf(call: Promise<unknown>): Promise<AppError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const everything = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
  for (const secret of SECRETS) {
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(JSON.stringify(secret).slice(1, -1));
  }
  return error as AppError;
}
