import { isIP } from "node:net";
import { parse as parseBytes } from "bytes";
import { InvalidArgumentError } from "commander";
import { CONNECTION_HEADERS } from "../../core/exchange.ts";
import type { HeaderPair } from "../../core/delivery.ts";
import { misspelledEvent } from "../../core/events.ts";
import { decimalRule } from "../../core/invalid-value.ts";
import { accountRule, idRule, investorRule, teamNameRule } from "../../core/id-rules.ts";
import { bareHost } from "../../core/hosts.ts";
import { readDuration } from "../../core/duration.ts";

/** Rejects a value with the rule that it breaks. `ProgramCommand` adds the name and the value. */
export function refuse(rule: string): never {
  throw new InvalidArgumentError(rule);
}

/** A parser for a value with a rule function: returns the text, or throws the rule. */
function ruled(ruleOf: (text: string) => string | undefined): (text: string) => string {
  return (text) => {
    const rule = ruleOf(text);
    return rule === undefined ? text : refuse(rule);
  };
}

export const idText = ruled(idRule);
/** Texts to search for, as typed. */
export const textList = (text: string, earlier: readonly string[] = []): string[] => [...earlier, words(text)];
export const idList = (text: string, earlier: readonly string[] = []): string[] => [...earlier, idText(text)];
export const teamName = ruled(teamNameRule);
export const investorId = ruled(investorRule);
export const accountId = ruled(accountRule);
export const decimal = ruled((text) => decimalRule(text));
export const money = ruled((text) => decimalRule(text, 2));

/** The id of an event's resource, as in the payload: any text, because it is only compared. */
export const resourceText = words;

/** The symbol of an instrument: one word. */
export const symbol = ruled((text) =>
  /^[A-Za-z0-9][\w./-]{0,31}$/.test(text) ? undefined : "must be a symbol such as AAPL",
);

/** `30s`, `2m`, `1h30m` or a plain number of seconds → milliseconds. */
export function duration(text: string): number {
  return readDuration(text) ?? refuse("must be a time such as 30s or 2m");
}

/** 24 days: close to the maximum delay of Node's timers. */
const MAX_WAIT_MS = 24 * 24 * 60 * 60 * 1000;

/** How long to wait: `30s`, `2m` or a plain number of seconds, above 0 and at most 24 days. */
export function waitTime(text: string): number {
  return text === "0" ? refuse("must be a time above 0, such as 30s") : waitTimeOrNone(text);
}

/** Like `waitTime`, where 0 means no limit. */
export function waitTimeOrNone(text: string): number {
  const ms = duration(text);
  if (ms === 0 && text !== "0") refuse("must be a time above 0, such as 30s");
  return ms > MAX_WAIT_MS ? refuse("must be at most 24d") : ms;
}

/** An age, usually in days or weeks, so that a number without a unit is ambiguous. */
export function age(text: string): number {
  return isNumber(text) ? refuse("must have a unit, such as 30d or 12h") : duration(text);
}

/** `1mb`, `512k`, `10MiB` or a plain number of bytes; a kilobyte is 1024. */
export function byteCount(text: string): number {
  // The library alone would read `10MiB`, and any other text after a number, as ten bytes. Fractions of a byte are
  // rejected.
  const [, whole, number = "", unit = ""] =
    /^(?:(\d+)\s*b?|(\d+(?:\.\d+)?)\s*([kmg])(?:i?b)?)$/i.exec(text.trim()) ?? [];
  const bytes = parseBytes(whole === undefined ? `${number}${unit}b` : `${whole}b`);
  if (bytes === null || !Number.isSafeInteger(bytes) || bytes <= 0) refuse("must be a size such as 512kb or 1mb");
  return bytes;
}

export const port = (text: string): number => portFrom(0, text);
/** The port of an app, which is known. */
export const appPort = (text: string): number => portFrom(1, text);

function portFrom(lowest: number, text: string): number {
  const value = Number(text);
  const isPort = /^\d+$/.test(text) && value >= lowest && value <= 65_535;
  return isPort ? value : refuse(`must be a port from ${lowest} to 65535`);
}

/** An address of this machine. A name could resolve to another one. */
export function ownAddress(text: string): string {
  return isIP(text) === 0 ? refuse("must be an IP address of this machine, or 0.0.0.0 for all of them") : text;
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0
    ? value
    : refuse("must be a whole number above 0");
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(value) ? value : refuse("must be a whole number from 0");
}

/** A plain decimal such as `0.5`: an exponent or a sign is probably a mistake. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  return isNumber(text) && value > 0 && value <= MAX_NUMBER
    ? value
    : refuse(`must be a number above 0, at most ${MAX_NUMBER}`);
}

const MAX_NUMBER = 1_000_000_000;

function isNumber(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text);
}

/** `signature,order.filled-first` → the names; repeated flags are combined. */
export function nameList(text: string, earlier?: readonly string[]): string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return names.length === 0 ? refuse("must have at least one name") : [...(earlier ?? []), ...names];
}

/** `order.*,transfer.*` → the event names and patterns; repeated flags are combined. Any word is accepted. */
export function eventList(text: string, earlier?: readonly string[]): string[] {
  const names = nameList(text);
  if (!names.every(isEventName)) refuse("must be event names or patterns, such as order.filled or order.*");
  return [...(earlier ?? []), ...names];
}

/** Like `eventList`, for awaited events: a misspelled one would never be received. */
export function awaitedEvents(text: string, earlier?: readonly string[]): string[] {
  const names = eventList(text, earlier);
  for (const name of names) {
    const meant = misspelledEvent(name);
    if (meant !== undefined) refuse(`must be an event that can arrive; did you mean ${meant}?`);
  }
  return names;
}

/** A possible event name of an API: one word of limited length. */
function isEventName(text: string): boolean {
  return text !== "" && text.length <= MAX_EVENT_CHARS && !/[\s\p{C}]/u.test(text);
}

const MAX_EVENT_CHARS = 200;

/** The name of a webhook: one line of text. */
export function lineOfText(text: string): string {
  return text.trim() === "" ? refuse(`must be a line of 1 to ${MAX_TEXT_CHARS} characters`) : description(text);
}

/** The description of a webhook: one line of text, or empty. */
export function description(text: string): string {
  const isFit = text.length <= MAX_TEXT_CHARS && !/\p{Cc}/u.test(text);
  return isFit ? text : refuse(`must be a line of at most ${MAX_TEXT_CHARS} characters`);
}

const MAX_TEXT_CHARS = 500;

/** A webhook's status, in the API's spelling. */
export function webhookStatus(text: string): "ACTIVE" | "INACTIVE" {
  const status = text.toUpperCase();
  return status === "ACTIVE" || status === "INACTIVE" ? status : refuse("must be ACTIVE or INACTIVE");
}

/** An http(s) URL without credentials. */
export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isHost(url.hostname)) {
    return refuse("must be an http or https URL, such as https://example.com/webhooks");
  }
  if (url.username !== "" || url.password !== "") refuse("must not contain credentials");
  return url.href;
}

/** Rejects hosts that the URL parser accepts and DNS does not: `..`, `-1`, overlong names. IPv6 is in brackets. */
function isHost(hostname: string): boolean {
  return hostname.startsWith("[") || (hostname.length <= 253 && /^(?:\w(?:[\w-]{0,61}\w)?(?:\.|$))+$/.test(hostname));
}

/** A bare host name, or an https URL that contains one. */
export function hostName(text: string): string {
  return bareHost(text) ?? refuse("must be the name of a host, such as example.ngrok.app");
}

/** The path of a file; the file is only checked when it is used. */
export function filePath(text: string): string {
  return text.trim() === "" || text.includes("\0") ? refuse("must be the path of a file") : text;
}

/** Any text that is not empty. */
export function words(text: string): string {
  return text.trim() === "" ? refuse("must not be empty") : text;
}

/** The app's address: a port with or without a path, `localhost:3000/hooks` or a whole URL. */
export function appUrl(text: string): { readonly url: URL; readonly hasPath: boolean } {
  // Without a host, a URL would take the port for an IPv4 address.
  const [, number, path] = /^(\d+)(\/.*)?$/.exec(text) ?? [];
  const withHost = number === undefined ? text : `localhost:${port(number)}${path ?? ""}`;
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(withHost) ? withHost : `http://${withHost}`;
  try {
    const url = new URL(httpUrl(whole));
    if (url.port === "0") refuse("must have a port from 1 to 65535");
    return { url, hasPath: whole.slice(whole.indexOf("://") + 3).includes("/") };
  } catch (error) {
    if (error instanceof InvalidArgumentError && /credentials|must have a port/.test(error.message)) throw error;
    return refuse("must be a port such as 3000, or a URL such as http://localhost:3000/webhooks");
  }
}

/** The address of the app, with this path if it has none. A path cannot change the host. */
export function withPath({ url, hasPath }: ReturnType<typeof appUrl>, path: () => string): string {
  const whole = new URL(url);
  if (!hasPath) whole.pathname = path();
  return whole.href;
}

/** Like `appUrl`, for the target of deliveries: a second one is an error, because it would be ignored. */
export function oneAppUrl(text: string, earlier?: ReturnType<typeof appUrl>): ReturnType<typeof appUrl> {
  return earlier === undefined ? appUrl(text) : refuse("must be given only once");
}

/** `Name: value` of a header to add; repeated flags are combined. */
export function headerList(text: string, earlier?: readonly HeaderPair[]): HeaderPair[] {
  const [, name = "", value = ""] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*([\t\x20-\x7e\x80-\xff]*)$/.exec(text) ?? [];
  if (name === "") refuse("must have the form 'Name: value'");
  return [...(earlier ?? []), [name, value.trimEnd()]];
}

/** Like `headerList`, for a request of this program: headers of the connection cannot be set, except `Host`. */
export function addedHeaders(text: string, earlier?: readonly HeaderPair[]): HeaderPair[] {
  const all = headerList(text, earlier);
  const [name = "", value = ""] = all.at(-1) ?? [];
  const plain = name.toLowerCase();
  if (plain === "host") {
    if (!/^[^\s/?#@]+$/.test(value)) refuse("must name a host, such as 'Host: my.test'");
  } else if (CONNECTION_HEADERS.has(plain)) {
    refuse(`must not be ${name}: each connection sets its own`);
  }
  return all;
}

/** An expected response: `200`, `4xx` or `any`. */
export function answerRule(text: string): string {
  return /^([1-5](xx|\d\d)|any)$/.test(text) ? text : refuse("must be a status such as 200, 4xx or any");
}

/** The name of an event: any word, because the set of events is open. */
export function eventName(text: string): string {
  return isEventName(text) ? text : refuse("must be an event name, such as order.filled");
}

/** The value of an HTTP header that is one word, such as an id. */
export function headerWord(text: string): string {
  return /^[\x21-\x7e]{1,255}$/.test(text) ? text : refuse("must be one word of 1 to 255 ASCII characters");
}

/** The name of an HTTP header. */
export function headerName(text: string): string {
  const isName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,255}$/.test(text);
  return isName ? text : refuse("must be the name of a header, such as x-signature");
}

/** The path of the listener, as senders write it: percent-encoded, without dot segments. */
export function urlPath(text: string): string {
  if (!/^\/[^\s?#\p{C}]*$/u.test(text)) return refuse("must be a path such as /webhooks");
  const url = new URL("http://127.0.0.1");
  url.pathname = text;
  // As a reference, the rest would be another host. A URL takes a backslash for a slash.
  return url.pathname.startsWith("//")
    ? refuse("must be a path such as /webhooks, with one slash first")
    : url.pathname;
}
