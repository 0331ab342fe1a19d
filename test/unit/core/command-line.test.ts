import { expect, it } from "vitest";
import { commandIn, commandLine } from "../../../src/core/command-line.ts";
import { ENVIRONMENT_FACTS, ENVIRONMENTS } from "../../../src/core/environments.ts";

it.each(ENVIRONMENTS)("a command for %s at its own base URL needs no --base-url", (environment) => {
  const { baseUrl } = ENVIRONMENT_FACTS[environment];
  expect(commandLine("restore", { environment, baseUrl })).toBe(
    environment === "sandbox" ? "bluum-hooks restore" : `bluum-hooks restore --env ${environment}`,
  );
});

it.each([
  ["sandbox", "https://test-service.bluumfinance.com/v1", "--base-url https://test-service.bluumfinance.com/v1"],
  [
    "production",
    "https://service.bluumfinance.com/v1",
    "--env production --base-url https://service.bluumfinance.com/v1",
  ],
  ["emulator", "http://127.0.0.1:4651/v1", "--env emulator --base-url http://127.0.0.1:4651/v1"],
  ["sandbox", "http://[::1]:4650/v1", "--base-url 'http://[::1]:4650/v1'"],
  ["of old", "https://x.example/a&b", "--env 'of old' --base-url 'https://x.example/a&b'"],
])("a command for %s at %s leads there", (environment, baseUrl, flags) => {
  expect(commandLine("webhooks show wh_1", { environment, baseUrl })).toBe(`bluum-hooks webhooks show wh_1 ${flags}`);
});

it("a command about data on this machine names only the environment", () => {
  expect(commandIn("sandbox", "logout")).toBe("bluum-hooks logout");
  expect(commandIn("production", "logout")).toBe("bluum-hooks logout --env production");
});
