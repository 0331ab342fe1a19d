import type { Webhook } from "../../src/bluum/wire/decode-webhook.ts";

/** An active webhook as it is read from the API, with nothing told that need not be. */
export const WEBHOOK: Webhook = {
  id: "wh_1",
  name: "mine",
  url: "https://a.example",
  events: ["order.*"],
  status: "ACTIVE",
  description: null,
  createdAt: null,
  updatedAt: null,
  unknown: {},
};
