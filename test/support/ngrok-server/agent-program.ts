import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL, fileURLToPath } from "node:url";
import { build } from "rolldown";
import { afterAll } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/** Whether the SDK's native part is installed. Where it is not, tests that need it skip, and say so in their title. */
export const isSdkInstalled = (() => {
  try {
    createRequire(import.meta.url)("@ngrok/ngrok");
    return true;
  } catch {
    return false;
  }
})();

/** Builds the agent from its source as it is now, since Node 20 runs no TypeScript. Removed after the file's tests. */
export async function buildAgent(): Promise<URL> {
  // Below node_modules, so that the program finds the SDK.
  const file = `${ROOT}node_modules/.cache/bluum-hooks/ngrok-agent-${process.pid}.mjs`;
  await build({
    cwd: ROOT,
    input: "src/tunnel/ngrok-agent.ts",
    platform: "node",
    external: ["@ngrok/ngrok"],
    output: { file, format: "esm" },
  });
  afterAll(() => rmSync(file, { force: true }));
  return pathToFileURL(file);
}
