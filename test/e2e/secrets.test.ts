import { expect, it } from "vitest";
import { startCli } from "../support/cli.ts";
import { keepsSecrets } from "../support/keeps-secrets.ts";
import { startSandbox } from "../support/sandbox.ts";

// secrets.slow.test.ts has more commands, and the records of this one.
keepsSecrets(
  [
    [
      "listen",
      "--tunnel",
      "none",
      "--port",
      "0",
      "--trigger",
      "order",
      "--until",
      "order.filled",
      "--verbose",
      "--debug",
    ],
    ["trigger", "order", "--curl"],
  ],
  1,
);

it("--print-secret shows the secret of a new webhook once", async () => {
  const { env } = await startSandbox();
  const end = await startCli(["register", "http://127.0.0.1:9/hooks", "--print-secret", "--json"], env).ended;
  expect(JSON.parse(end.stdout)).toMatchObject({
    action: "created",
    secret: expect.stringMatching(/^whsec_/) as string,
  });
});
