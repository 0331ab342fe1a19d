import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { runInProcess } from "../support/in-process.ts";
import { startSandbox } from "../support/sandbox.ts";
import { startSession } from "../support/session.ts";
import { tempFolder } from "../support/temp.ts";

/** Another address of this machine, as another machine or container would see one. */
const OTHER = "127.0.0.2";

/** Only Linux has every address of 127.0.0.0/8. */
const skip = process.platform !== "linux";

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true)).on("error", () => resolve(false));
    socket.on("close", () => resolve(false)).unref();
    setImmediate(() => socket.end());
  });
}

const portOf = (url: unknown) => Number(new URL(String(url)).port);

describe("listen --host", () => {
  it("opens the listener to other addresses, and not the inspector", { skip }, async () => {
    const session = await startSession(["--no-register", "--host", "0.0.0.0"], { BLUUM_HOOKS_HOME: tempFolder() });
    const { localUrl, inspectorUrl } = await session.record("ready");
    const url = new URL(String(localUrl));
    expect(url.hostname).toBe("127.0.0.1");
    url.hostname = OTHER;
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(200);
    expect(await accepts("127.0.0.1", portOf(inspectorUrl))).toBe(true);
    expect(await accepts(OTHER, portOf(inspectorUrl))).toBe(false);
  });

  it("is not needed for this machine: without it only loopback is open", { skip }, async () => {
    const session = await startSession(["--no-register"], { BLUUM_HOOKS_HOME: tempFolder() });
    const { localUrl } = await session.record("ready");
    expect(await accepts("127.0.0.1", portOf(localUrl))).toBe(true);
    expect(await accepts(OTHER, portOf(localUrl))).toBe(false);
  });

  it("is the address that is registered, if it is one", { skip }, async () => {
    const { env } = await startSandbox();
    const session = await startSession(["--tunnel", "none", "--host", OTHER, "--trigger", "order"], env);
    expect(new URL(String((await session.record("ready"))["localUrl"])).hostname).toBe(OTHER);
    await session.record("delivery", ({ event }) => event === "order.filled");
  });

  it.each([
    ["localhost", 2, "invalid_usage"],
    ["192.0.2.1", 1, "port_in_use"],
  ])("refuses %s", async (host, exitCode, errorCode) => {
    const args = ["listen", "--no-register", "--host", host, "--port", "0", "--json"];
    const { code, error } = await runInProcess(args, { BLUUM_HOOKS_HOME: tempFolder() });
    expect([code, error?.code]).toEqual([exitCode, errorCode]);
  });
});
