import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf, type PublishedCall } from "./published/call.ts";
import { differences } from "./published/compare.ts";
import { CURRENT_JOURNEY } from "./published/current.ts";
import { LEGACY_JOURNEY } from "./published/legacy.ts";
import { TARGETS, type Target } from "./targets.ts";

/** The program that the guide uses. Without it, and without a shell, nothing is tested here. */
const hasCurl = (() => {
  try {
    execFileSync("sh", ["-c", "curl --version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

const JOURNEYS = [
  { generation: "current", calls: CURRENT_JOURNEY },
  { generation: "legacy", calls: LEGACY_JOURNEY },
] as const;

const cases = TARGETS.flatMap((target) => JOURNEYS.map((journey) => ({ ...target, ...journey })));

describe.each(cases)(
  "the $generation journey with $name, typed as published",
  ({ open, isHere, generation, calls }) => {
    describe.skipIf(!isHere || !hasCurl)("with curl,", () => {
      const variables: Record<string, string> = {};
      let target: Target;
      let home = "";

      beforeAll(async () => {
        target = await open(generation);
        const { apiKey, apiSecret } = target.credentials;
        variables["BASE_URL"] = target.baseUrl;
        variables["AUTH"] = btoa(`${apiKey}:${apiSecret}`);
        variables["FUNDING_SOURCE_ID"] = target.fundingSourceId ?? "";
        for (const owner of target.owners) {
          if (owner.generation === "current") variables["INVESTOR_ID"] = owner.investorId;
          else variables["ACCOUNT_ID"] = owner.accountId;
        }
        // The command itself stays as it is published.
        home = mkdtempSync(join(tmpdir(), "bluum-hooks-curl-"));
        writeFileSync(join(home, ".curlrc"), 'silent\nwrite-out = "\\n%{http_code}"\nnoproxy = "127.0.0.1"\n');
        variables["CURL_HOME"] = home;
      });
      afterAll(async () => {
        rmSync(home, { recursive: true, force: true });
        await target[Symbol.asyncDispose]();
      });

      it.for(calls)("$page: $does", async (call, { skip }) => {
        skip(!target.owners.some((owner) => owner.generation === generation), "no owner of this generation");
        skip(call.createsOwner === true && target.keepsOwners, "the sandbox keeps what is created: one is given");
        skip(call.needsMarket === true && !target.isMarketOpen, "the market is closed");
        skip(commandOf(call).includes("$FUNDING_SOURCE_ID") && target.fundingSourceId === undefined, "no linked bank");
        const { status, body } = await answerTo(call, variables);
        expect([status, body]).toEqual([call.status, body]);
        const sent = Object.fromEntries(
          Object.entries(call.body ?? {}).map(([name, value]) => [name, filledIn(value, variables)]),
        );
        expect(differences(call.answer, body, sent)).toEqual([]);
        if (call.keeps !== undefined) variables[call.keeps] = idIn(body);
      });
    });
  },
);

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How often an answer is asked for again, and how long after an answer that was refused because of its rate. */
const POLL_MS = 250;
const RATE_LIMITED_MS = 2_000;

/** Runs the command, again and again until the answer has the status that the call waits for. */
async function answerTo(call: PublishedCall, variables: Readonly<Record<string, string>>): Promise<Answer> {
  for (;;) {
    const answer = await run(commandOf(call), variables);
    if (answer.status === 429) {
      await delay(RATE_LIMITED_MS);
      continue;
    }
    if (call.until === undefined || answer.status !== call.status) return answer;
    const { status } = answer.body;
    if (status === call.until || status === "failed" || status === "rejected") return answer;
    await delay(POLL_MS);
  }
}

async function run(command: string, variables: Readonly<Record<string, string>>): Promise<Answer> {
  // Not every machine has uuidgen.
  const script = `uuidgen() { echo "$A_UUID"; }\n${command}`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script], {
    env: { ...process.env, ...variables, A_UUID: crypto.randomUUID() },
  });
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) as Answer["body"] };
}

function filledIn(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  return typeof value === "string" && value.startsWith("$") ? variables[value.slice(1)] : value;
}

function idIn(body: Answer["body"]): string {
  const { webhook = body } = (body["data"] ?? {}) as { webhook?: Answer["body"] };
  return String(webhook["id"] ?? webhook["deposit_id"] ?? webhook["withdrawal_id"]);
}
