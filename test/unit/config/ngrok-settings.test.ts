import { expect, it } from "vitest";
import { resolveNgrok } from "../../../src/config/ngrok-settings.ts";

const stored = { authtoken: "stored", domain: "stored.ngrok.app" };

it("ngrok's settings are the flag's, otherwise the variables', otherwise the saved ones", () => {
  const env = { NGROK_AUTHTOKEN: " given ", NGROK_DOMAIN: "given.ngrok.app" };
  expect(resolveNgrok({ domainFlag: "flag.ngrok.app", env, stored })).toMatchObject({
    authtoken: "given",
    domain: "flag.ngrok.app",
  });
  expect(resolveNgrok({ env, stored }).domain).toBe("given.ngrok.app");
  expect(resolveNgrok({ env: {}, stored })).toMatchObject(stored);
  expect(resolveNgrok({ env: {}, stored: {} })).toMatchObject({ authtoken: undefined, domain: undefined });
});

it("an empty variable of ngrok's counts as unset", () => {
  expect(resolveNgrok({ env: { NGROK_AUTHTOKEN: " ", NGROK_DOMAIN: "" }, stored })).toMatchObject(stored);
});
