import { describe, expect, test } from "vitest";
import { Background } from "../../../src/emulator/background.ts";
import { withSlack } from "../../support/slack.ts";

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });

describe("background work", () => {
  test("that fails is reported and has no other effect", async () => {
    const errors: unknown[] = [];
    const background = new Background((error) => errors.push(error));
    background.run(() => Promise.reject(new Error("broken")));
    await expect.poll(() => errors).toEqual([new Error("broken")]);
  });

  test("is stopped by a restart without a report, and new work may follow", async () => {
    const errors: unknown[] = [];
    const background = new Background((error) => errors.push(error));
    let old: AbortSignal | undefined;
    background.run((signal) => {
      old = signal;
      return untilAborted(signal);
    });
    background.restart();
    expect(old?.aborted).toBe(true);
    let hasRun = false;
    background.run(async () => {
      hasRun = true;
    });
    expect(hasRun).toBe(true);
    await background.stop();
    expect(errors).toEqual([]);
  });

  test("that ignores its signal is awaited for no longer than a second", async () => {
    const background = new Background(() => {});
    background.run(() => new Promise(() => {}));
    const startedAt = performance.now();
    await background.stop();
    expect(performance.now() - startedAt).toBeLessThan(withSlack(1_500));
    background.run(() => Promise.reject(new Error("never runs")));
  });
});
