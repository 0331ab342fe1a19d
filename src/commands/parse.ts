import { parse as parseBytes } from "bytes";
import { InvalidArgumentError } from "commander";
import { CONNECTION_HEADERS } from "../core/connection-headers.ts";
import type { HeaderPair } from "../core/delivery.ts";
import { readDuration } from "../core/read-duration.ts";

/** `30s`, `2m`, `1h30m` or a plain number of seconds → milliseconds. */
export function duration(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("Give a time such as 30s or 2m.");
  return ms;
}

/** `1mb`, `512k`, `10MiB` or a plain number of bytes; a kilobyte is 1024. */
export function byteCount(text: string): number {
  // The library alone would read `10MiB`, and anything else behind a number, as ten bytes. There is no half of a byte.
  const [, whole, number = "", unit = ""] =
    /^(?:(\d+)\s*b?|(\d+(?:\.\d+)?)\s*([kmg])(?:i?b)?)$/i.exec(text.trim()) ?? [];
  const bytes = parseBytes(whole === undefined ? `${number}${unit}b` : `${whole}b`);
  if (bytes === null || !Number.isSafeInteger(bytes) || bytes <= 0) {
    throw new InvalidArgumentError("Give a size such as 512kb or 1mb.");
  }
  return bytes;
}

export function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("Give a port from 0 to 65535.");
  return value;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Give a whole number from 1.");
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError("Give a number above 0.");
  }
  return value;
}

/** `order.*,transfer.*` → the names; repeated flags add up. */
export function nameList(text: string, earlier?: readonly string[]): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("Give at least one name.");
  return [...(earlier ?? []), ...names];
}

/** A point in time: `10m` ago, or an ISO 8601 date → Unix milliseconds. */
export function since(now: number): (text: string) => number {
  return (text) => {
    const at = /^\d{4}-/.test(text) ? Date.parse(text) : now - (readDuration(text) ?? Number.NaN);
    if (Number.isNaN(at)) throw new InvalidArgumentError("Give a time such as 10m, or an ISO 8601 date.");
    return at;
  };
}

/** Like `since`, for what looks back only. */
export function past(now: number): (text: string) => number {
  const read = since(now);
  return (text) => {
    const at = read(text);
    if (at > now) throw new InvalidArgumentError("Give a time that is past, such as 10m ago.");
    return at;
  };
}

/** Whether a webhook delivers, in the API's own spelling. */
export function webhookStatus(text: string): "ACTIVE" | "INACTIVE" {
  const status = text.toUpperCase();
  if (status !== "ACTIVE" && status !== "INACTIVE") throw new InvalidArgumentError("Give ACTIVE or INACTIVE.");
  return status;
}

/** An http(s) URL without credentials. */
export function httpUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError("Give a whole URL, such as https://example.com/webhooks.");
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw new InvalidArgumentError("A URL may not hold credentials.");
  return url.href;
}

/** Where the app is: a port, `localhost:3000/hooks` or a whole URL. One without a path gets that of the listener. */
export function appUrl(text: string): { readonly url: URL; readonly hasPath: boolean } {
  const withHost = /^\d+$/.test(text) ? `localhost:${port(text)}` : text;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(withHost) ? withHost : `http://${withHost}`;
  try {
    const url = new URL(httpUrl(whole));
    if (url.port === "0") throw new InvalidArgumentError("Nothing listens on port 0.");
    return { url, hasPath: whole.slice(whole.indexOf("://") + 3).includes("/") };
  } catch (error) {
    if (error instanceof InvalidArgumentError && /credentials|port 0/.test(error.message)) throw error;
    throw new InvalidArgumentError("Give a port such as 3000, or a URL such as http://localhost:3000/webhooks.");
  }
}

/** `Name: value` of a header to add; repeated flags add up. */
export function headerList(text: string, earlier?: readonly HeaderPair[]): HeaderPair[] {
  const [, name = "", value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === "") throw new InvalidArgumentError("Give a header as 'Name: value'.");
  return [...(earlier ?? []), [name, value.trimEnd()]];
}

/** Like `headerList`, for a request that we make: what belongs to its connection cannot be chosen, but for `Host`. */
export function addedHeaders(text: string, earlier?: readonly HeaderPair[]): HeaderPair[] {
  const all = headerList(text, earlier);
  const [name = "", value = ""] = all.at(-1) ?? [];
  const plain = name.toLowerCase();
  if (plain === "host") {
    if (!/^[^\s/?#@]+$/.test(value)) throw new InvalidArgumentError("Give a host, such as 'Host: my.test'.");
  } else if (CONNECTION_HEADERS.has(plain)) {
    throw new InvalidArgumentError(`${name} belongs to the connection, which makes its own.`);
  }
  return all;
}

/** A moment: Unix seconds or ISO 8601 → Unix milliseconds. */
export function moment(text: string): number {
  const at = /^\d{1,12}$/.test(text) ? Number(text) * 1000 : /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidArgumentError("Give Unix seconds, or an ISO 8601 time.");
  return at;
}

/** What an answer must be: `200`, `4xx` or `any`. */
export function answerRule(text: string): string {
  if (!/^([1-5](xx|\d\d)|any)$/.test(text)) throw new InvalidArgumentError("Give a status such as 200, 4xx or any.");
  return text;
}

/** The name of an event: any word, because the set of events is open. */
export function eventName(text: string): string {
  if (text === "" || /[\s\p{Cc}]/u.test(text)) throw new InvalidArgumentError("Give one word, such as order.filled.");
  return text;
}

/** The value of an HTTP header that is one word, such as an id. */
export function headerWord(text: string): string {
  if (!/^[\x21-\x7e]+$/.test(text)) throw new InvalidArgumentError("Give one word of ASCII characters.");
  return text;
}

/** The name of an HTTP header. */
export function headerName(text: string): string {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)) {
    throw new InvalidArgumentError("Give the name of a header, such as x-signature.");
  }
  return text;
}

/** The path of the listener. */
export function urlPath(text: string): string {
  if (!text.startsWith("/") || /[\s?#]/.test(text)) throw new InvalidArgumentError("Give a path such as /webhooks.");
  return text;
}
