import { customAlphabet } from "nanoid";

const random = customAlphabet("0123456789abcdefghijklmnopqrstuvwxyz", 16);

/** A new id such as `dlv_k3x9…`: 16 characters of base 36 (about 82 bits), so that a short prefix is already unique. */
export function newId(prefix: string): string {
  return `${prefix}_${random()}`;
}
