import { randomBytes } from "node:crypto";

/** 128 random bits, as a URL may carry them. */
export function newToken(): string {
  return randomBytes(16).toString("base64url");
}
