import { expect, it } from "vitest";
import { isLoopbackHost } from "../../../src/core/hosts.ts";
import { lookUp } from "../../../src/platform/lookup.ts";

it("a look-up finds all addresses of a host", async () => {
  const found = await lookUp("localhost", new AbortController().signal);
  expect(found.kind).toBe("found");
  const addresses = found.kind === "found" ? found.addresses : [];
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.every(isLoopbackHost)).toBe(true);
});

it("a look-up ends with the user's request to stop", async () => {
  const stop = new AbortController();
  const asked = lookUp("localhost", stop.signal);
  stop.abort(new Error("enough"));
  await expect(asked).rejects.toThrow("enough");
});
