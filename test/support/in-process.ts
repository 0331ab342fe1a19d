import { runCli } from "../../src/cli.ts";
import { isLoopbackHost } from "../../src/core/hosts.ts";
import type { Context } from "../../src/context.ts";
import { Waits } from "../../src/platform/waits.ts";
import { createContext } from "../../src/wiring.ts";

export interface InProcessEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The error object that `--json` prints on stderr. */
  readonly error: { code: string; message: string; hint?: string; status?: number; requestId?: string } | undefined;
}

/** Runs one command line with the real adapters in this process: only streams and environment are the test's. */
export async function runInProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  overrides: Partial<Context> = {},
): Promise<InProcessEnd> {
  let [stdout, stderr] = ["", ""];
  const real = createContext({
    process,
    version: "0.0.0-test",
    signal: new AbortController().signal,
    onForcedExit: () => {},
    // On a busy machine anything may take a second.
    waits: overrides.waits ?? new Waits(600_000),
  });
  const code = await runCli(args, {
    ...real,
    env,
    isInteractive: false,
    // The standard input belongs to the tests.
    watchParent: () => ({ arm: () => {}, [Symbol.dispose]: () => {} }),
    // Connects only to this machine.
    probe: async (url, signal, request) =>
      isLoopbackHost(url.hostname)
        ? real.probe(url, signal, request)
        : { kind: "failed", reason: "it is not on this machine" },
    stdout: { write: (text) => void (stdout += text), isTTY: false, columns: 80 },
    stderr: { write: (text) => void (stderr += text), isTTY: false, columns: 80 },
    ...overrides,
  });
  const line = stderr.split("\n").find((each) => each.startsWith('{"error"'));
  const error =
    line === undefined ? undefined : (JSON.parse(line) as { error: NonNullable<InProcessEnd["error"]> }).error;
  return { code, stdout, stderr, error };
}
