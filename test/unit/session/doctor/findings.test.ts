import { describe, expect, it } from "vitest";
import { findingsFor, type WebhookCase } from "../../../../src/session/doctor/webhook-checks.ts";

const command = async (words: string) => `bluum-hooks ${words}`;
const dead = { kind: "dead", reason: "its tunnel is offline" } as const;

function webhook(id: string, changes: Partial<WebhookCase & WebhookCase["webhook"]> = {}): WebhookCase {
  const { name = null, url = `https://${id}.example/`, status = "ACTIVE", ...rest } = changes;
  return {
    heldBy: undefined,
    createdByUs: false,
    isAsleep: false,
    restore: undefined,
    host: { kind: "alive" },
    ...rest,
    webhook: { id, name, url, status },
  };
}

describe("the doctor finds", () => {
  it("nothing wrong with webhooks that deliver, that a session holds, or that sleep until the next one", async () => {
    const cases = [
      webhook("a"),
      webhook("b", { heldBy: { pid: 7 }, host: undefined }),
      webhook("c", { status: "INACTIVE", createdByUs: true, isAsleep: true, host: undefined }),
    ];
    expect(await findingsFor(cases, command)).toStrictEqual([{ level: "ok", message: "3 found, nothing wrong" }]);
  });

  it("one at a dead tunnel, with the command that stops it, or that finishes a restore", async () => {
    expect(await findingsFor([webhook("a", { host: dead })], command)).toMatchObject([
      { level: "problem", webhookId: "a", remedy: "bluum-hooks webhooks disable a" },
    ]);
    expect(await findingsFor([webhook("a", { host: dead, restore: "bluum-hooks restore" })], command)).toMatchObject([
      { level: "problem", remedy: "bluum-hooks restore" },
    ]);
  });

  it("one that is inactive, also one of ours that no session will wake", async () => {
    for (const createdByUs of [false, true]) {
      expect(await findingsFor([webhook("a", { status: "INACTIVE", createdByUs })], command)).toMatchObject([
        { level: "warning", remedy: "bluum-hooks webhooks enable a" },
      ]);
    }
  });

  it("one that is inactive and leads nowhere, and does not have it enabled again", async () => {
    expect(await findingsFor([webhook("a", { status: "INACTIVE", host: dead })], command)).toMatchObject([
      { level: "warning", remedy: "bluum-hooks webhooks delete a" },
    ]);
  });

  it("nothing wrong with one that was disabled because another has its URL", async () => {
    const url = "https://one.example/hooks";
    const cases = [webhook("a", { url }), webhook("b", { url, status: "INACTIVE" })];
    expect(await findingsFor(cases, command)).toStrictEqual([{ level: "ok", message: "2 found, nothing wrong" }]);
  });

  it("two with one URL, and would disable the one that is not in use", async () => {
    const url = "https://one.example/hooks";
    const findings = await findingsFor(
      [
        webhook("ours", { url, createdByUs: true }),
        webhook("theirs", { url }),
        webhook("asleep", { url, status: "INACTIVE" }),
      ],
      command,
    );
    expect(findings.filter(({ message }) => message.includes("same URL"))).toMatchObject([
      { level: "warning", webhookId: "ours", remedy: "bluum-hooks webhooks disable ours" },
    ]);
  });

  it("a command that a shell takes as one, whatever the API calls a webhook", async () => {
    const [finding] = await findingsFor([webhook("a'; rm -rf /", { host: dead })], command);
    expect(finding?.remedy).toBe(String.raw`bluum-hooks webhooks disable 'a'\''; rm -rf /'`);
  });
});
