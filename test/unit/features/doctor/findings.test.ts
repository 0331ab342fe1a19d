import { describe, expect, it } from "vitest";
import { findingsFor, leavesAsleep, type WebhookCase } from "../../../../src/features/doctor/webhook-checks.ts";

const command = async (words: string) => `bluum-hooks ${words}`;
const dead = { kind: "dead", reason: "its tunnel is offline" } as const;
const doubtful = { kind: "doubtful", reason: "it answers 502" } as const;

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
  it("nothing wrong with webhooks that deliver, that a session holds, or that are inactive until the next one", async () => {
    const cases = [
      webhook("a"),
      webhook("b", { heldBy: { pid: 7 }, host: undefined }),
      webhook("c", { status: "INACTIVE", createdByUs: true, isAsleep: true, host: undefined }),
    ];
    expect(await findingsFor(cases, command)).toStrictEqual([{ level: "ok", message: "3 found, no problems" }]);
  });

  it("one at a closed tunnel, with the command that disables it, or that finishes a restore", async () => {
    expect(await findingsFor([webhook("a", { host: dead })], command)).toMatchObject([
      { level: "problem", webhookId: "a", remedy: "bluum-hooks webhooks disable a" },
    ]);
    expect(await findingsFor([webhook("a", { host: dead, restore: "bluum-hooks restore" })], command)).toMatchObject([
      { level: "problem", remedy: "bluum-hooks restore" },
    ]);
  });

  it.each([true, false])(
    "one that is inactive and that no session left inactive (created by us: %s)",
    async (createdByUs) => {
      expect(await findingsFor([webhook("a", { status: "INACTIVE", createdByUs })], command)).toMatchObject([
        { level: "warning", remedy: "bluum-hooks webhooks enable a" },
      ]);
    },
  );

  it.each([
    [dead, "bluum-hooks webhooks delete a"],
    [doubtful, "Check the URL. If it no longer exists: bluum-hooks webhooks delete a"],
  ])(
    "one that is inactive and would deliver to a host that is %j, without suggesting to enable it",
    async (host, remedy) => {
      const [finding] = await findingsFor([webhook("a", { status: "INACTIVE", host })], command);
      expect(finding).toMatchObject({ level: "warning", remedy });
      expect(finding?.message).toContain("inactive, and ");
      expect(finding?.message).toContain(host.reason);
    },
  );

  it("an inactive one with a pending restore, before anything else is suggested", async () => {
    for (const host of [{ kind: "alive" } as const, dead, doubtful]) {
      const left = webhook("a", { status: "INACTIVE", host, restore: "bluum-hooks restore" });
      expect(await findingsFor([left], command)).toMatchObject([{ level: "warning", remedy: "bluum-hooks restore" }]);
    }
  });

  it("nothing wrong with one that is inactive while another delivers to its URL", async () => {
    const cases = [
      webhook("a", { url: "https://one.example/hooks" }),
      webhook("b", { url: "https://ONE.example:443/hooks", status: "INACTIVE" }),
    ];
    expect(await findingsFor(cases, command)).toStrictEqual([{ level: "ok", message: "2 found, no problems" }]);
  });

  it("one of two inactive ones with the same URL: with both enabled each event would arrive twice", async () => {
    const same = { url: "https://one.example/hooks", status: "INACTIVE" };
    const asleep = webhook("asleep", { ...same, createdByUs: true, isAsleep: true, host: undefined });
    expect(await findingsFor([asleep, webhook("a", same), webhook("b", same)], command)).toMatchObject([
      { level: "ok", message: "2 of 3 are fine" },
      { level: "warning", webhookId: "a", remedy: "bluum-hooks webhooks enable a" },
    ]);
  });

  it.each<[what: string, Partial<WebhookCase & WebhookCase["webhook"]>[]]>([
    ["alive", [{}]],
    ["alive, and inactive", [{ status: "INACTIVE" }]],
    ["dead", [{ host: dead }]],
    ["dead, and inactive", [{ host: dead, status: "INACTIVE" }]],
    ["in doubt", [{ host: doubtful }]],
    ["in doubt, and inactive", [{ host: doubtful, status: "INACTIVE" }]],
    ["shared", [{}, { createdByUs: true }]],
    ["shared by one that delivers and one that does not", [{}, { status: "INACTIVE" }]],
    ["shared by two that are inactive", [{ status: "INACTIVE" }, { status: "INACTIVE", createdByUs: true }]],
    ["shared and dead", [{ host: dead }, { host: dead }]],
    ["shared and in doubt", [{ host: doubtful }, { host: doubtful, status: "INACTIVE" }]],
  ])("for URLs that are %s no remedy that it would suggest to undo next", async (_what, all) => {
    let cases = all.map((each, index) => webhook(`w${index}`, { url: "https://one.example/", ...each }));
    const given: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const { remedy = "" } of await findingsFor(cases, command)) {
        const [, verb = "", id = ""] = /webhooks (\w+) (\w+)$/.exec(remedy) ?? [];
        const status = verb === "enable" ? "ACTIVE" : "INACTIVE";
        given.push(`${verb} ${id}`);
        cases = cases
          .filter((each) => verb !== "delete" || each.webhook.id !== id)
          .map((each) => (each.webhook.id === id ? { ...each, webhook: { ...each.webhook, status } } : each));
      }
    }
    const enabled = given.filter((each) => each.startsWith("enable")).map((each) => each.replace("enable ", ""));
    expect(enabled.filter((id) => given.includes(`disable ${id}`) || given.includes(`delete ${id}`))).toStrictEqual([]);
    expect((await findingsFor(cases, command)).filter(({ level }) => level !== "ok")).toStrictEqual([]);
  });

  it("two with one URL, and suggests disabling the one that is not in use", async () => {
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

  it("a command in which a shell sees one word, for any name of a webhook", async () => {
    const [finding] = await findingsFor([webhook("a'; rm -rf /", { host: dead })], command);
    expect(finding?.remedy).toBe(String.raw`bluum-hooks webhooks disable 'a'\''; rm -rf /'`);
  });
});

describe("a webhook is left inactive by", () => {
  const state = { name: null, url: "https://one.example/", events: ["*"], description: null };
  const [active, inactive] = [
    { ...state, status: "ACTIVE" },
    { ...state, status: "INACTIVE" },
  ];

  it.each([
    ["a session that created it", { kind: "session", before: null, outcome: "deactivated" }],
    ["a session that was to put it to sleep", { kind: "session", before: active, outcome: "deactivated" }],
    ["a session that found it asleep", { kind: "session", before: inactive, outcome: "restored" }],
    ["a session that has not ended yet", { kind: "session", before: null, outcome: null }],
  ] as const)("%s", (_what, last) => expect(leavesAsleep(last)).toBe(true));

  it.each([
    ["a session that found it delivering", { kind: "session", before: active, outcome: "restored" }],
    ["a session that kept it", { kind: "session", before: null, outcome: "kept" }],
    ["a session from which it was taken", { kind: "session", before: null, outcome: "not-ours" }],
    ["a registration", { kind: "register", before: null, outcome: "took-effect" }],
    ["a promotion", { kind: "promote", before: null, outcome: "took-effect" }],
    ["a rollback", { kind: "rollback", before: active, outcome: "took-effect" }],
    ["nobody that we know", undefined],
  ] as const)("no: %s", (_what, last) => expect(leavesAsleep(last)).toBe(false));
});
