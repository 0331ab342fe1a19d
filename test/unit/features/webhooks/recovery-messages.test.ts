import { describe, expect, it } from "vitest";
import { byHandCommand, recoveryMessage } from "../../../../src/features/webhooks/recovery-messages.ts";
import type { WebhookChange } from "../../../../src/store/store.ts";

const BASE_URL = "https://service.bluumfinance.com/v1";
const AT = `--env production --base-url ${BASE_URL}`;
const state = {
  name: "app",
  url: "https://app.example/hooks?a=1&b=2",
  events: ["*"],
  status: "ACTIVE",
  description: null,
};
const change: WebhookChange = {
  id: "change",
  kind: "promote",
  environment: "production",
  baseUrl: BASE_URL,
  webhookId: "wh_1",
  before: state,
  after: state,
  onExit: "keep",
  state: "applied",
  outcome: null,
  unanswered: 0,
  sentAt: null,
  createdAt: 0,
  updatedAt: 0,
};
const words = (fields: Partial<WebhookChange>, outcome: Parameters<typeof recoveryMessage>[2]) =>
  recoveryMessage({ ...change, ...fields }, "wh_1", outcome, "config.json");

describe("for a change that was interrupted", () => {
  it("the commands have the same target, and stay whole in a shell", () => {
    expect(words({}, "took-effect").hint).toBe(`Undo with: bluum-hooks promote --rollback ${AT}`);
    expect(words({ kind: "register" }, "deleted").hint).toContain(`bluum-hooks register '${state.url}' ${AT}`);
    expect(byHandCommand(change)).toBe(`bluum-hooks webhooks update wh_1 --url '${state.url}' ${AT}`);
    expect(byHandCommand({ ...change, webhookId: null, before: null })).toBe(
      `bluum-hooks webhooks update ID --url URL ${AT}`,
    );
  });

  it("a deactivated webhook is not reported as delivering", () => {
    expect(words({ kind: "rollback" }, "took-effect").message).toContain("wh_1 delivers to");
    const asleep = { ...state, status: "INACTIVE" };
    expect(words({ kind: "rollback", after: asleep }, "took-effect").message).toMatch(/wh_1 is inactive$/);
  });
});
