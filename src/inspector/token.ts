import { randomBytes } from "node:crypto";

/** 128 random bits, in a form that a URL can contain. */
export function newToken(): string {
  return randomBytes(16).toString("base64url");
}
