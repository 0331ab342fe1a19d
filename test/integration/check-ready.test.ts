import { expect, it } from "vitest";
import { createApp, GOOD } from "../support/handlers/app.ts";
import { serve } from "../support/handlers/server.ts";
import { runInProcess } from "../support/in-process.ts";
import { tempFolder } from "../support/temp.ts";

// It waits until the endpoint's state has settled: a file of its own, which runs beside others.
it("check calls an endpoint ready after a full run, with advice about plain http on this machine", async () => {
  const secret = "whsec_YSB0aGlyZCBzZWNyZXQ=";
  const { url, stateUrl } = await serve(createApp(GOOD, secret));
  const end = await runInProcess(["check", url, "--state", stateUrl], {
    BLUUM_HOOKS_HOME: tempFolder(),
    BLUUM_WEBHOOK_SECRET: secret,
  });
  expect(end.code).toBe(0);
  expect(end.stdout).toContain("✓ Ready for production\n");
  expect(end.stdout).toContain("! transport.https: the URL is plain http");
});
