import type { IncomingMessage } from "node:http";
import { Refused } from "./answers.ts";

const MAX_BYTES = 16 * 1024 * 1024;

/** Reads the request's JSON object. Throws `Refused`. */
export async function readObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Refused(413, "the body is larger than 16 MB");
    chunks.push(chunk);
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new Refused(400, "the body is not JSON", undefined, "invalid_usage");
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Refused(400, "the body must be a JSON object", undefined, "invalid_usage");
}

/** The text field, if present. Throws `Refused` for any other type. */
export function textIn(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw wrongField(name, "must be a text");
}

export function flagIn(object: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = object[name];
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw wrongField(name, "must be true or false");
}

export function wrongField(name: string, rule: string): Refused {
  return new Refused(400, `invalid ${name}: ${rule}`, undefined, "invalid_usage");
}
