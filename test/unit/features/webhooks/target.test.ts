import { expect, it } from "vitest";
import { riskOfTaking } from "../../../../src/features/webhooks/target.ts";
import { WEBHOOK } from "../../../support/webhook.ts";

const risk = (url: string) => riskOfTaking({ ...WEBHOOK, url }, new Set(["own.example", "x.jprq.live"]));

it.each([
  "https://own.example/",
  "http://localhost:3000/",
  "https://x.jprq.live/hooks",
  "http://app.lvh.me:3000/",
  "http://127-0-0-1.nip.io:3000/",
])("a webhook that delivers to %s is taken over without a question", (url) => expect(risk(url)).toBeUndefined());

it.each([
  "https://app.example/",
  "https://x.ngrok.app/",
  "https://api.5-78-188-206.sslip.io/",
  "https://10-0-0-1.sslip.io/",
])("one that delivers to %s may be another user's app", (url) => expect(risk(url)).toContain(new URL(url).hostname));

it.each(["https://live.example/", "https://live.jprq.live/", "https://x.ngrok.app/production"])(
  "one that delivers to %s looks like production",
  (url) => expect(risk(url)).toContain("looks like production"),
);
