import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { IncomingMessage } from "node:http";
import { makePrivateFolder } from "../platform/folder.ts";
import { Refused } from "./answers.ts";

const SESSION_MS = 12 * 60 * 60 * 1000;
const TRIES = 10;
const TRIES_MS = 60_000;
const KEY_BYTES = 32;

export interface SessionsOptions {
  /** The token of this run. */
  readonly token: string;
  /** Each is valid for one session. */
  readonly tickets: Set<string>;
  /** The folder of the key with which pages stay signed in after a restart of the program. */
  readonly folder: string;
  readonly port: number;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Access by the token of this run, or by a cookie that it was exchanged for. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #cookie: string;
  #key: Buffer | undefined;
  #wrongAt: number[] = [];

  constructor(options: SessionsOptions) {
    this.#options = options;
    // A browser sends cookies to every port of a host, so the name contains the port.
    this.#cookie = `bluum_inspector_${options.port}`;
  }

  /** Whether the request has the token. Throws `Refused` if it has another one. */
  hasToken({ headers }: IncomingMessage): boolean {
    const { authorization } = headers;
    if (authorization === undefined) return false;
    this.checkToken(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? "");
    return true;
  }

  /** Throws `Refused` for a wrong token, and for any token after too many wrong ones. */
  checkToken(token: string): void {
    const now = this.#options.now();
    this.#wrongAt = this.#wrongAt.filter((at) => now - at < TRIES_MS);
    if (this.#wrongAt.length >= TRIES) {
      throw new Refused(429, "too many wrong tokens", "Wait a minute, then open the printed URL.");
    }
    if (isSame(token, this.#options.token)) return;
    this.#wrongAt.push(now);
    throw ended("the token is wrong, or of an earlier run");
  }

  /** The value of `Set-Cookie` for a new session. Throws `Refused` for a wrong token. */
  open(token: string): string {
    if (!this.#options.tickets.delete(token)) this.checkToken(token);
    const content = `${this.#options.now() + SESSION_MS}.${randomBytes(9).toString("base64url")}`;
    const maxAge = SESSION_MS / 1000;
    return `${this.#cookie}=${content}.${this.#sign(content)}; HttpOnly; SameSite=Strict; Path=/_inspector/; Max-Age=${maxAge}`;
  }

  /** The name of the session of the request's cookie. Throws `Refused` if there is none. */
  require({ headers }: IncomingMessage): string {
    for (const pair of (headers.cookie ?? "").split(";")) {
      const [name, value = ""] = pair.trim().split("=", 2);
      if (name !== this.#cookie) continue;
      const [, content = "", expiry = "", id = "", signature = ""] =
        /^((\d{1,15})\.([\w-]+))\.([\w-]+)$/.exec(value) ?? [];
      if (content === "" || !isSame(signature, this.#sign(content))) continue;
      if (Number(expiry) > this.#options.now()) return id;
    }
    throw ended("there is no session, or it has ended");
  }

  #sign(content: string): string {
    this.#key ??= readKey(this.#options.folder);
    return createHmac("sha256", this.#key).update(`${this.#cookie}=${content}`).digest("base64url");
  }
}

function ended(message: string): Refused {
  return new Refused(401, message, "Open the URL that bluum-hooks printed.", "session_ended");
}

/** Compares in constant time, for texts of any length. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** The stored key; if none can be stored, sessions end with the program. */
function readKey(folder: string): Buffer {
  const path = join(folder, "inspector.key");
  const made = randomBytes(KEY_BYTES);
  try {
    makePrivateFolder(folder);
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, made);
    } finally {
      closeSync(file);
    }
    return made;
  } catch {
    // It already exists, or cannot be written.
  }
  try {
    const kept = readFileSync(path);
    if (kept.length === KEY_BYTES) return kept;
  } catch {
    // No key can be stored here.
  }
  return made;
}
