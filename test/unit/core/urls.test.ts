import { expect, it } from "vitest";
import { isSameUrl } from "../../../src/core/urls.ts";

it.each([
  ["https://App.Example", "https://app.example/"],
  ["https://app.example:443/hooks", "https://app.example/hooks"],
  ["HTTPS://app.example/hooks", "https://app.example/hooks"],
  ["https://app.example/a/../hooks", "https://app.example/hooks"],
  ["not a URL", "not a URL"],
  ["", ""],
])("%j and %j are the same place", (one, other) => expect(isSameUrl(one, other)).toBe(true));

it.each([
  ["https://app.example/hooks", "https://app.example/hooks/"],
  ["https://app.example/Hooks", "https://app.example/hooks"],
  ["https://app.example/hooks", "http://app.example/hooks"],
  ["https://app.example/hooks?a=1", "https://app.example/hooks"],
  ["not a URL", "another"],
])("%j and %j are not", (one, other) => expect(isSameUrl(one, other)).toBe(false));
