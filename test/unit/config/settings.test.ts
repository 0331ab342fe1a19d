import { describe, expect, it } from "vitest";
import { requireCredentials, requireOwner, resolveSettings, type SettingFlags } from "../../../src/config/settings.ts";
import type { Profile } from "../../../src/config/profile.ts";
import { EMULATOR_ACCESS, ENVIRONMENT_FACTS } from "../../../src/core/environments.ts";

const UUID = "3f8e1c1a-1111-4222-8333-444455556666";
const SANDBOX = ENVIRONMENT_FACTS.sandbox.baseUrl;
const stored: Profile = { apiKey: "stored_key", apiSecret: "stored_secret", webhooks: {} };
const given = { BLUUM_API_KEY: "given_key", BLUUM_API_SECRET: "given_secret" };

function resolve(
  flags: SettingFlags = {},
  env: Record<string, string | undefined> = {},
  profile: Partial<Profile> = {},
) {
  return resolveSettings({ flags, env, profile: () => ({ webhooks: {}, ...profile }) });
}

describe("the environment", () => {
  it("is the flag's, otherwise the variable's, otherwise sandbox", () => {
    expect(resolve({ env: "emulator" }, { BLUUM_ENV: "production" }).environment).toBe("emulator");
    expect(resolve({}, { BLUUM_ENV: "production" }).environment).toBe("production");
    expect(resolve({}, { BLUUM_ENV: "" }).environment).toBe("sandbox");
  });

  it("must be one that exists", () => {
    expect(() => resolve({}, { BLUUM_ENV: "staging" })).toThrow(expect.objectContaining({ code: "invalid_setting" }));
  });

  it("selects the profile", () => {
    const asked: string[] = [];
    const profile = (environment: string) => {
      asked.push(environment);
      return { webhooks: {} };
    };
    resolveSettings({ flags: { env: "production" }, env: {}, profile });
    expect(new Set(asked)).toStrictEqual(new Set(["production"]));
  });
});

describe("the base URL", () => {
  it("is the flag's, otherwise a variable's, otherwise the environment's", () => {
    const env = { BLUUM_BASE_URL: "http://127.0.0.1:2/v1", BLUUM_API_BASE_URL: "http://127.0.0.1:3/v1" };
    expect(resolve({ baseUrl: "http://127.0.0.1:1/v1/" }, env).baseUrl).toBe("http://127.0.0.1:1/v1");
    expect(resolve({}, env).baseUrl).toBe("http://127.0.0.1:2/v1");
    expect(resolve({}, { BLUUM_API_BASE_URL: "http://127.0.0.1:3/v1" }).baseUrl).toBe("http://127.0.0.1:3/v1");
    expect(resolve().baseUrl).toBe(SANDBOX);
  });

  it.each([
    "http://localhost:4650/v1",
    "http://[::1]:4650/v1",
    "http://10.1.2.3/v1",
    "http://172.31.0.1/v1",
    "http://192.168.1.1/v1",
    "http://[fd00::1]/v1",
    "http://emulator:4650/v1",
    "http://host.docker.internal:4650/v1",
    "https://proxy.example/v1",
  ])("may be %s", (baseUrl) => expect(resolve({ baseUrl }).baseUrl).toBe(baseUrl));

  it("that is saved is used if no flag and no variable sets another", () => {
    const profile = { baseUrl: "https://proxy.example/v1/" };
    expect(resolve({}, {}, profile).baseUrl).toBe("https://proxy.example/v1");
    expect(resolve({}, { BLUUM_BASE_URL: SANDBOX }, profile).baseUrl).toBe(SANDBOX);
  });

  it.each([
    "not a url",
    "ftp://127.0.0.1/v1",
    "http://proxy.example/v1",
    "http://172.32.0.1/v1",
    "http://8.8.8.8/v1",
    "http://[2001:db8::1]/v1",
    "http://localhost.example/v1",
    "https://user:password@proxy.example/v1",
    "https://proxy.example/v1?key=1",
  ])("may not be %s", (baseUrl) => {
    expect(() => resolve({ baseUrl })).toThrow(expect.objectContaining({ code: "invalid_setting" }));
  });

  it("is not printed in an error, because it may contain a password", () => {
    expect(() => resolve({ baseUrl: "https://user:pa55@proxy.example" })).not.toThrow(/pa55/);
  });

  it.each([
    ["sandbox", "https://api.bluumfinance.com/v1"],
    ["sandbox", "https://new-host.bluumfinance.com/v1"],
    ["emulator", "https://service.bluumfinance.com/v1"],
    ["production", "https://test-service.bluumfinance.com/v1"],
  ])("of another environment than %s is refused: %s", (env, baseUrl) => {
    expect(() => resolve({ env, baseUrl })).toThrow(expect.objectContaining({ code: "invalid_setting" }));
  });
});

describe("credentials", () => {
  it("are the variables', otherwise the saved ones; the emulator has its own, with any variables set", () => {
    expect(resolve({}, given, stored).credentials).toStrictEqual({ apiKey: "given_key", apiSecret: "given_secret" });
    expect(resolve({}, {}, stored).credentials).toStrictEqual({ apiKey: "stored_key", apiSecret: "stored_secret" });
    const { apiKey, apiSecret } = EMULATOR_ACCESS;
    expect(resolve({ env: "emulator" }).credentials).toStrictEqual({ apiKey, apiSecret });
    const real = {
      ...given,
      BLUUM_BASE_URL: SANDBOX,
      BLUUM_INVESTOR_ID: "inv_real",
    };
    expect(resolve({ env: "emulator" }, real)).toStrictEqual(resolve({ env: "emulator" }));
    // The app verifies with it, for events of any environment.
    const secret = { BLUUM_WEBHOOK_SECRET: "whsec_real" };
    expect(resolve({ env: "emulator" }, secret).webhookSecrets).toStrictEqual(["whsec_real"]);
  });

  it("may use the variable name that Bluum's example has for the secret", () => {
    const env = { BLUUM_API_KEY: "k", BLUUM_SECRET_KEY: "s" };
    expect(resolve({}, env).credentials).toStrictEqual({ apiKey: "k", apiSecret: "s" });
    expect(resolve({}, { ...env, BLUUM_API_SECRET: "t" }).credentials).toMatchObject({ apiSecret: "t" });
  });

  it.each(["BLUUM_API_KEY", "BLUUM_API_SECRET"])("are never half a variable and half saved: only %s", (name) => {
    const settings = resolve({}, { [name]: "given" }, stored);
    expect(() => requireCredentials(settings)).toThrow(expect.objectContaining({ code: "credentials_missing" }));
  });

  it("that are saved go to the environment's hosts only", () => {
    for (const baseUrl of [SANDBOX, "https://test-service.bluumfinance.com/v1"]) {
      expect(requireCredentials(resolve({ baseUrl }, {}, stored)).apiKey).toBe("stored_key");
    }
    for (const baseUrl of ["https://evil.example/v1", "http://127.0.0.1:1/v1", `${new URL(SANDBOX).origin}:8443/v1`]) {
      expect(() => requireCredentials(resolve({ baseUrl }, {}, stored))).toThrow(
        expect.objectContaining({ code: "credentials_missing" }),
      );
      expect(requireCredentials(resolve({ baseUrl }, given, stored)).apiKey).toBe("given_key");
    }
  });

  it("that were verified with another host go only there", () => {
    const proven = { ...stored, keyOrigin: "https://proxy.example" };
    expect(requireCredentials(resolve({ baseUrl: "https://proxy.example/v1" }, {}, proven)).apiKey).toBe("stored_key");
    for (const baseUrl of [SANDBOX, "https://proxy.example:8443/v1"]) {
      expect(() => requireCredentials(resolve({ baseUrl }, {}, proven))).toThrow(
        expect.objectContaining({ code: "credentials_missing", hint: expect.stringContaining("login --base-url") }),
      );
    }
    const ownHost = { ...stored, keyOrigin: "https://test-service.bluumfinance.com" };
    expect(requireCredentials(resolve({}, {}, ownHost)).apiKey).toBe("stored_key");
  });

  it("that are missing are named together, with other missing values of the same command", () => {
    expect(() => requireCredentials(resolve(), ["ngrok authtoken"])).toThrow(
      expect.objectContaining({
        message: "missing sandbox credentials: API key, API secret, ngrok authtoken",
        hint: expect.stringContaining("bluum-hooks login"),
      }),
    );
    expect(() => requireCredentials(resolve({}, {}, { apiKey: "k" }))).toThrow(
      "missing sandbox credentials: API secret",
    );
  });

  it("that are missing are requested for the same target", () => {
    const baseUrl = "https://service.bluumfinance.com/v1";
    const hint = expect.stringContaining(`bluum-hooks login --env production --base-url ${baseUrl}`) as string;
    const settings = resolve({ env: "production", baseUrl });
    expect(() => requireCredentials(settings)).toThrow(expect.objectContaining({ hint }));
    expect(() => requireOwner(settings)).toThrow(expect.objectContaining({ hint }));
  });

  it("of the emulator go to this machine only", () => {
    expect(requireCredentials(resolve({ env: "emulator", baseUrl: "http://127.0.0.1:9/v1" })).apiKey).toBe(
      EMULATOR_ACCESS.apiKey,
    );
    expect(() => requireCredentials(resolve({ env: "emulator", baseUrl: "http://10.0.0.1/v1" }))).toThrow(
      expect.objectContaining({ code: "credentials_missing" }),
    );
  });

  it("that are missing are an error only when they are needed", () => {
    const settings = resolve();
    expect(() => requireCredentials(settings)).toThrow(
      expect.objectContaining({ code: "credentials_missing", hint: expect.stringContaining("BLUUM_API_KEY") }),
    );
  });
});

describe("the owner", () => {
  it("is the flag's, even against a variable of the other kind", () => {
    expect(resolve({ account: UUID }, { BLUUM_INVESTOR_ID: "inv_1" }).owner).toStrictEqual({
      generation: "legacy",
      accountId: UUID,
    });
    expect(resolve({ investor: "inv_1" }, { BLUUM_ACCOUNT_ID: UUID }).owner).toStrictEqual({
      generation: "current",
      investorId: "inv_1",
    });
  });

  it("is the variable's, otherwise the saved one, otherwise the emulator's own", () => {
    const profile = { investorId: "inv_stored" };
    expect(resolve({}, { BLUUM_ACCOUNT_ID: UUID }, profile).owner).toMatchObject({ accountId: UUID });
    expect(resolve({}, {}, profile).owner).toMatchObject({ investorId: "inv_stored" });
    expect(resolve({ env: "emulator" }).owner).toMatchObject({ investorId: EMULATOR_ACCESS.investorId });
  });

  it("is also the variable's in the emulator, if a base URL on this machine is set with it", () => {
    const accountId = "00000000-0000-4000-8000-000000000001";
    const owner = (baseUrl: string) =>
      resolve({ env: "emulator" }, { BLUUM_BASE_URL: baseUrl, BLUUM_ACCOUNT_ID: accountId }).owner;
    expect(owner("http://127.0.0.1:9/v1")).toStrictEqual({ generation: "legacy", accountId });
    expect(owner("https://sandbox.api.bluumfinance.com/v1")).toMatchObject({ investorId: EMULATOR_ACCESS.investorId });
  });

  it("cannot be both", () => {
    expect(() => resolve({ investor: "inv_1", account: UUID })).toThrow(
      expect.objectContaining({ code: "invalid_usage" }),
    );
  });

  it.each(["a/b", "a b", "..", "a?b", "a#b", "a%2fb", "a\\b", "a\nb", ""])("is not %j", (investor) => {
    expect(() => resolve({ investor })).toThrow(expect.objectContaining({ code: "invalid_setting" }));
  });

  it("is requested if none is set", () => {
    expect(() => requireOwner(resolve())).toThrow(
      expect.objectContaining({ code: "invalid_usage", hint: expect.stringContaining("--investor") }),
    );
  });
});

describe("the webhook", () => {
  const webhooks = { wh_1: { baseUrl: SANDBOX, createdByUs: true, secret: "whsec_1" } };

  it("is the named one, otherwise the last used one", () => {
    const profile = { webhooks, webhookId: "wh_1" };
    expect(resolve({ webhook: "wh_f" }, { BLUUM_WEBHOOK_ID: "wh_v" }, profile)).toMatchObject({
      askedWebhookId: "wh_f",
      webhookId: "wh_f",
      webhookSecrets: [],
    });
    expect(resolve({}, { BLUUM_WEBHOOK_ID: "wh_v" }, profile)).toMatchObject({ webhookId: "wh_v" });
    expect(resolve({}, {}, profile)).toMatchObject({
      askedWebhookId: undefined,
      webhookId: "wh_1",
      webhookSecrets: ["whsec_1"],
    });
  });

  it("that was last used with another base URL is not used, nor is its secret", () => {
    const settings = resolve({ baseUrl: "http://127.0.0.1:1/v1" }, {}, { webhooks, webhookId: "wh_1" });
    expect(settings).toMatchObject({ webhookId: undefined, webhookSecrets: [] });
  });

  it("is verified with every secret of the variable, and then not with the saved one", () => {
    const env = { BLUUM_WEBHOOK_SECRET: " whsec_new, whsec_old ,," };
    expect(resolve({}, env, { webhooks, webhookId: "wh_1" }).webhookSecrets).toStrictEqual(["whsec_new", "whsec_old"]);
  });
});
