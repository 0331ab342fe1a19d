import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** An app from `examples/`, and what is needed to run it. */
export interface Example {
  /** If it cannot run, this says why. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly isMissing: boolean;
}

/** Debian's own, with the packages that apt installs. */
const PYTHON = "/usr/bin/python3";
const hasFlask = spawnSync(PYTHON, ["-c", "import flask"]).status === 0;
const file = (path: string) => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));

export const EXAMPLES: readonly Example[] = [
  { name: "Express", command: process.execPath, args: [file("express/server.js")], isMissing: false },
  {
    name: hasFlask ? "Flask" : `Flask (not run: ${PYTHON} has no flask)`,
    command: PYTHON,
    args: [file("flask/app.py")],
    isMissing: !hasFlask,
  },
];

/** What both examples return at `/state`. */
export interface ExampleState {
  readonly processed: number;
  readonly orders: Readonly<Record<string, string>>;
  readonly transfers: Readonly<Record<string, string>>;
}

export interface RunningExample {
  /** The URL for deliveries. */
  readonly url: string;
  readonly stateUrl: string;
  readonly state: () => Promise<ExampleState>;
}

/** Starts an example on a free port, as a separate process that ends with the test. */
export async function startExample(
  { command, args }: Example,
  env: Readonly<Record<string, string>>,
): Promise<RunningExample> {
  const child = spawn(command, args, {
    env: { PATH: process.env["PATH"] ?? "", PYTHONUNBUFFERED: "1", PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const origin = await new Promise<string>((resolve, reject) => {
    let said = "";
    const read = (text: string) => {
      said += text;
      const port = /http:\/\/(?:localhost|127\.0\.0\.1):(\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("error", reject);
    void ended.then(() => reject(new Error(`the example ended first: ${said}`)));
  });
  const stateUrl = `${origin}/state`;
  return {
    url: `${origin}/webhooks/bluum`,
    stateUrl,
    state: async () => (await (await fetch(stateUrl)).json()) as ExampleState,
  };
}
