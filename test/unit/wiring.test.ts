import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Interrupted } from "../../src/core/errors.ts";
import { createContext } from "../../src/wiring.ts";
import { tempFolder } from "../support/temp.ts";

it("no command runs after the user has asked to stop", async () => {
  const mark = join(tempFolder(), "ran");
  const wish = new Interrupted("SIGINT", 130);
  const context = createContext({
    process,
    version: "0.0.0-test",
    signal: AbortSignal.abort(wish),
    onForcedExit: () => {},
  });
  const script = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`;
  await expect(context.run([process.execPath, "-e", script], {})).rejects.toBe(wish);
  expect(existsSync(mark)).toBe(false);
});
