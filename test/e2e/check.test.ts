import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCli, startCli } from "../support/cli.ts";
import { createApp, GOOD } from "../support/handlers/app.ts";
import { serve } from "../support/handlers/server.ts";
import { makeLoopbackCertificate } from "../support/ngrok-server/certificate.ts";
import { tempFolder } from "../support/temp.ts";

const SECRET = "whsec_YSBmb3VydGggc2VjcmV0";

it("an authority in NODE_EXTRA_CA_CERTS is trusted, by the checks and by --state, and a pipe gets plain text", async () => {
  const certificate = makeLoopbackCertificate();
  const endpoint = await serve(createApp(GOOD, SECRET), certificate);
  const [path, home] = [join(tempFolder(), "ca.pem"), tempFolder()];
  writeFileSync(path, certificate.certPem);
  const end = await runCli(["check", endpoint.url, "--only", "transport,order", "--state", endpoint.stateUrl], {
    BLUUM_HOOKS_HOME: home,
    BLUUM_WEBHOOK_SECRET: SECRET,
    NODE_EXTRA_CA_CERTS: path,
  });
  expect(end).toMatchObject({ code: 0, stderr: "" });
  expect(end.stdout).toContain("✓ 5 of 5 selected checks passed");
  // oxlint-disable-next-line no-control-regex -- no cursor movement and no colour is expected
  expect(end.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
});

it("Ctrl-C in the middle ends it as the shell expects, with nothing left running", async () => {
  const endpoint = await serve(() => {});
  const home = tempFolder();
  const cli = startCli(["check", endpoint.url], { BLUUM_HOOKS_HOME: home, BLUUM_WEBHOOK_SECRET: SECRET });
  await expect.poll(() => endpoint.connections()).toBe(1);
  cli.kill("SIGINT");
  expect(await cli.ended).toMatchObject({ code: 130, stdout: "" });
  await expect.poll(() => endpoint.connections()).toBe(0);
});

it("--ca adds an authority to those of Node.js", async () => {
  const certificate = makeLoopbackCertificate();
  const endpoint = await serve(createApp(GOOD, SECRET), certificate);
  const [path, home] = [join(tempFolder(), "ca.pem"), tempFolder()];
  writeFileSync(path, certificate.certPem);
  const end = await runCli(["check", endpoint.url, "--only", "transport.https", "--ca", path], {
    BLUUM_HOOKS_HOME: home,
    BLUUM_WEBHOOK_SECRET: SECRET,
  });
  expect(end).toMatchObject({ code: 0, stderr: "" });
});
