import type { Webhook } from "../../src/bluum/wire/decode-webhook.ts";

/** An active webhook as decoded from the API, without optional fields. */
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
