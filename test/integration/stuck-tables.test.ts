import { join } from "node:path";
import { expect, it } from "vitest";
import { loadDriver } from "../../src/store/driver.ts";
import { startListener } from "../support/listener.ts";
import { tempFolder } from "../support/temp.ts";

it("a listener whose store is busy answers, says why nothing is shown, and shows it later", async () => {
  const folder = tempFolder();
  const listener = await startListener([], { BLUUM_HOOKS_HOME: folder });
  const hog = loadDriver().open(join(folder, "store.db"));
  hog.exec("BEGIN IMMEDIATE");
  expect(await listener.deliver("order.filled", "ord_1")).toBe(200);
  expect(await listener.record("warning")).toMatchObject({
    code: "store_unavailable",
    message: expect.stringMatching(/^new deliveries are stored, but cannot be shown or listed yet: .*busy/) as string,
    hint: expect.stringContaining("bluum-hooks process that hangs") as string,
  });
  expect(listener.records.some(({ type }) => type === "delivery")).toBe(false);
  hog.exec("ROLLBACK");
  hog.close();
  await listener.record("delivery");
}, 30_000);
