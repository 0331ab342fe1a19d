import { expect, it } from "vitest";
import { isProductionUrl } from "../../../src/core/environments.ts";

it.each([
  ["https://api.bluumfinance.com/v1", true],
  ["https://service.bluumfinance.com/v1", true],
  ["https://API.BluumFinance.com:443/v1", true],
  ["https://api.bluumfinance.com./v1", true],
  ["http://api.bluumfinance.com/v1", true],
  ["https://eu.api.bluumfinance.com/v1", true],
  ["https://bluumfinance.com/v1", true],
  ["https://api.bluum.finance/v1", true],
  ["https://eu.bluum.finance/v1", true],
  ["https://sandbox.api.bluum.finance/v1", false],
  ["https://sandbox.api.bluumfinance.com/v1", false],
  ["https://test-service.bluumfinance.com/v1", false],
  ["http://127.0.0.1:4650/v1", false],
  ["https://notbluumfinance.com/v1", false],
])("%s moves real money: %s", (url, isProduction) => {
  expect(isProductionUrl(url)).toBe(isProduction);
});
