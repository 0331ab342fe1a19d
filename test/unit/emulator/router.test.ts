import { expect, test } from "vitest";
import { reply, type Route, createRouter } from "../../../src/emulator/http.ts";

const ROUTES = [
  ["GET", "/v1/webhooks/event-types"],
  ["GET", "/v1/webhooks/:id"],
  ["POST", "/v1/investors/:owner/orders/:id/cancel"],
] as const;
const route = createRouter(ROUTES.map(([method, path]): Route => ({ method, path, handle: () => reply({}) })));

test.each([
  ["GET", "/v1/webhooks/event-types", "/v1/webhooks/event-types"],
  ["GET", "/v1/webhooks/wh_1", "/v1/webhooks/:id"],
  ["HEAD", "/v1/webhooks/wh_1", "/v1/webhooks/:id"],
  ["POST", "/v1/webhooks/wh_1", undefined],
  ["GET", "/v1/webhooks", undefined],
  ["GET", "/v1/webhooks/", undefined],
  ["GET", "/v1/webhooks/wh_1/", undefined],
  ["GET", "/V1/webhooks/wh_1", undefined],
  ["POST", "/v1/investors/inv_1/orders/ord_1/cancel", "/v1/investors/:owner/orders/:id/cancel"],
  ["POST", "/v1/investors//orders/ord_1/cancel", undefined],
])("%s %s is served by %s", (method, path, expected) => {
  expect(route(method, path)?.route.path).toBe(expected);
});

test("the parts of a path are named by its route, and decoded", () => {
  const found = route("POST", "/v1/investors/inv%201/orders/%2Fa%E0%A4%A/cancel");
  expect(found?.param("owner")).toBe("inv 1");
  expect(found?.param("id")).toBe("%2Fa%E0%A4%A");
});
