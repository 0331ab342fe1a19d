import { expect, it } from "vitest";
import { isSameUrl, withoutCredentials } from "../../../src/core/urls.ts";

it.each([
  ["https://App.Example", "https://app.example/"],
  ["https://app.example:443/hooks", "https://app.example/hooks"],
  ["HTTPS://app.example/hooks", "https://app.example/hooks"],
  ["https://app.example/a/../hooks", "https://app.example/hooks"],
  ["not a URL", "not a URL"],
  ["", ""],
])("%j and %j are equivalent", (one, other) => expect(isSameUrl(one, other)).toBe(true));

it.each([
  ["https://app.example/hooks", "https://app.example/hooks/"],
  ["https://app.example/Hooks", "https://app.example/hooks"],
  ["https://app.example/hooks", "http://app.example/hooks"],
  ["https://app.example/hooks?a=1", "https://app.example/hooks"],
  ["not a URL", "another"],
])("%j and %j are not", (one, other) => expect(isSameUrl(one, other)).toBe(false));

it.each([
  ["http://user:hunter2@localhost:3000/", "…@localhost:3000/"],
  ["https://hunter2@app.example/hooks", "…@app.example/hooks"],
  ["user:hunter2@app.example", "…@app.example"],
  ["https://user:hunter2/@hunter2@app.example:99999/", "…@app.example:99999/"],
  ["'http://user:hunter'2@x.example/' is invalid. Give another.", "'…@x.example/' is invalid. Give another."],
])("%j is quoted as %j", (text, quoted) => expect(withoutCredentials(text)).toBe(quoted));

it.each(["https://app.example/hooks", "localhost", "ask me@app.example: it is no URL"])(
  "%j contains no credentials, and is quoted unchanged",
  (text) => expect(withoutCredentials(text)).toBe(text),
);
