import { customAlphabet } from "nanoid";
import { isUuid } from "../core/id-rules.ts";

const random = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 16);

/** A new id such as `dlv_k3x9…`: 16 characters of base 36 (about 82 bits), so that a short prefix is usually unique. */
export function newId(prefix: string): string {
  return `${prefix}_${random()}`;
}

/** A new id in the format of another: a UUID for a UUID, else one with its prefix. */
export function newIdLike(id: string): string {
  if (isUuid(id)) return crypto.randomUUID();
  return newId(id.includes("_") ? id.slice(0, id.lastIndexOf("_")) : "res");
}
