import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startCli } from "../support/cli.ts";
import { tempFolder } from "../support/temp.ts";

const PROJECT = fileURLToPath(new URL("../support/integration-project", import.meta.url));

it.each(["current", "legacy"])(
  "the tests of a customer's integration pass under exec with the %s API, without a mock",
  async (generation) => {
    const command = ["npm", "--prefix", PROJECT, "test"];
    const cli = startCli(["exec", "--env", "emulator", "--generation", generation, "--", ...command], {
      BLUUM_HOOKS_HOME: tempFolder(),
      HOME: tempFolder(),
    });
    const { code, stdout, stderr } = await cli.ended;
    expect(stdout).toMatch(/\b(?:pass) 6\b/);
    expect([code, stderr]).toEqual([0, expect.stringContaining("started by this command")]);
  },
);
