import { createServer, type AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { remedyFor } from "../../../src/delivery/app-hints.ts";

const NOWHERE = {
  isInContainer: false,
  usualPorts: [],
  addressesOf: async (host: string) => [host.replace(/[[\]]/g, "")],
};
/** As if `localhost` resolved to both. */
const BOTH = { ...NOWHERE, addressesOf: async () => ["127.0.0.1", "::1"] };

async function listening(host: string): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A closed port. One that was free a moment ago may be assigned to another test. */
const CLOSED = 9;

const hasIpv6 = await listening("::1").then(
  () => true,
  () => false,
);

it.skipIf(!hasIpv6)("an app on the other address family is found", async () => {
  const six = await listening("::1");
  expect(await remedyFor(new URL(`http://127.0.0.1:${six}/hooks`), "refused", NOWHERE)).toBe(
    `The app listens on [::1] only. Use: --forward-to http://[::1]:${six}/hooks`,
  );
  const four = await listening("127.0.0.1");
  expect(await remedyFor(new URL(`https://[::1]:${four}/`), "refused", NOWHERE)).toBe(
    `The app listens on 127.0.0.1 only. Use: --forward-to https://127.0.0.1:${four}/`,
  );
});

it("an app that is not at the address of localhost is named by its address", async () => {
  const port = await listening("127.0.0.1");
  expect(
    await remedyFor(new URL(`http://localhost:${port}/hooks`), "refused", {
      ...NOWHERE,
      addressesOf: async () => ["::1"],
    }),
  ).toBe(`The app listens on 127.0.0.1 only. Use: --forward-to http://127.0.0.1:${port}/hooks`);
});

it("a common port with a server on it is named", async () => {
  const open = await listening("127.0.0.1");
  const around = { ...BOTH, usualPorts: [CLOSED, open] };
  expect(await remedyFor(new URL(`http://localhost:${CLOSED}/`), "refused", around)).toMatch(
    new RegExp(`^Start the app.*something answers on ${open}$`),
  );
  expect(await remedyFor(new URL(`http://localhost:${CLOSED}/`), "refused", BOTH)).toMatch(/--forward-to PORT$/);
});

it("localhost in a container, and a container's name outside, are explained", async () => {
  const inside = { ...BOTH, isInContainer: true };
  const open = await listening("127.0.0.1");
  const around = { ...inside, usualPorts: [open] };
  expect(await remedyFor(new URL(`http://localhost:${CLOSED}/x`), "refused", around)).toMatch(
    new RegExp(`^Start the app.* answers on ${open}\\. .*http://host\\.docker\\.internal:${CLOSED}/x$`),
  );
  expect(await remedyFor(new URL("http://host.docker.internal:3000/"), "unreachable", NOWHERE)).toContain(
    "--forward-to 3000",
  );
});

it("for another host the user must check it", async () => {
  expect(await remedyFor(new URL("http://app.invalid:8080/"), "unreachable", NOWHERE)).toContain("app.invalid");
});
