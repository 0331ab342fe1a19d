import { spawn } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { addAbortSignal } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Context } from "./context.ts";
import { AppError, Interrupted, type WarningCode } from "./core/errors.ts";
import { ERASURES } from "./output/live/sink.ts";
import { Secrets } from "./output/privacy/mask-secrets.ts";
import type { Protocol } from "./mcp/protocol.ts";
import { onAbort } from "./platform/abort.ts";
import { systemClock } from "./platform/clock.ts";
import { Waits } from "./platform/waits.ts";
import { readKeys } from "./platform/keypress.ts";
import { kindOfStdin, watchParent } from "./platform/parent.ts";
import { createSinks } from "./platform/sinks.ts";
import { TEAM_TIMES } from "./team/times.ts";

interface Outside {
  readonly process: NodeJS.Process;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly onForcedExit: Context["onForcedExit"];
  readonly waits?: Waits;
  /** Already open: it has answered before the program was loaded. */
  readonly protocol?: Protocol | undefined;
  /** Called once when the parent process has died. */
  readonly onParentGone?: () => void;
}

/** Creates the real Context. Every adapter is loaded when it is first needed. */
export function createContext({
  process,
  version,
  signal,
  onForcedExit,
  waits = new Waits(),
  protocol,
  onParentGone = () => {},
}: Outside): Context {
  const isJson = process.argv.includes("--json");
  const [stdout, stderr] = createSinks([process.stdout, process.stderr], process.platform, [
    isJson ? droppedRecord : droppedLine,
    droppedLine,
  ]).map((sink): Context["stdout"] =>
    Object.assign(sink, { erase: (what: keyof typeof ERASURES) => sink.write(ERASURES[what]) }),
  ) as [Context["stdout"], Context["stdout"]];
  /** A prompt redraws its lines: earlier output must be on the screen by then, with no status line below it. */
  const said = async () => {
    stdout.status?.("");
    await new Promise((done) => setImmediate(done));
  };
  return {
    env: process.env,
    stdout,
    stderr,
    secrets: new Secrets(),
    clock: systemClock,
    waits,
    signal,
    pid: process.pid,
    cwd: workingDirectory(process),
    version,
    platform: { os: process.platform, arch: process.arch },
    async storeDriver() {
      const { loadDriver } = await import("./store/driver.ts");
      try {
        return loadDriver().name;
      } catch {
        return undefined;
      }
    },
    nodeVersion: process.versions.node,
    get whoami() {
      return `${userName()}@${hostname()}`;
    },
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    onForcedExit,
    async confirm(question) {
      const { confirm, isCancel } = await import("@clack/prompts");
      await said();
      const answer = await confirm({ message: question, initialValue: false, output: process.stderr, signal });
      return !isCancel(answer) && answer;
    },
    watchParent: () =>
      watchParent(
        { stdin: process.stdin, stdinKind: kindOfStdin(process.stdin, process.ppid), ppid: () => process.ppid },
        onParentGone,
      ),
    readKeys: (onKey) =>
      readKeys(
        {
          stdin: process.stdin,
          pid: process.pid,
          raise: (name) => process.kill(0, name),
          onContinue(listener) {
            process.on("SIGCONT", listener);
            return () => process.off("SIGCONT", listener);
          },
        },
        onKey,
      ),
    async ask({ message, isSecret, validate }) {
      const { isCancel, password, text } = await import("@clack/prompts");
      await said();
      const answer = await (isSecret === true ? password : text)({
        message,
        output: process.stderr,
        signal,
        validate: (value) => validate?.((value ?? "").trim()),
      });
      signal.throwIfAborted();
      // The prompt reads single keys, so that Ctrl-C is a key and not a signal.
      if (isCancel(answer)) throw new Interrupted("SIGINT", 130);
      return (answer ?? "").trim();
    },
    proveWritable: async (path, what) => (await import("./platform/write-file.ts")).proveWritable(path, what),
    writeFile: async (path, text, what) => (await import("./platform/write-file.ts")).writeWholeFile(path, text, what),
    openProtocol: async () =>
      protocol ??
      (await import("./mcp/protocol.ts")).openProtocol({ input: process.stdin, output: process.stdout, version }),
    readStdin: () => waits.during("standard input (end it with Ctrl-D)", readAll(process.stdin, signal)),
    openStore: async (folder) => (await import("./store/store.ts")).openStore({ folder, signal, waits }),
    openStoreReader: async (folder) =>
      (await import("./store/open-reader.ts")).openStoreReader({ folder, signal, waits }),
    peekStore: async (folder) => (await import("./store/open-reader.ts")).openReadOnly({ folder, signal, waits }),
    openConfig: async (folder) => (await import("./config/config-file.ts")).openConfig({ folder, signal, waits }),
    openTeamDatabase: async (options) => new (await import("./team/database.ts")).TeamDatabase(options),
    teamTimes: TEAM_TIMES,
    createApi: async (options) => (await import("./bluum/client.ts")).createBluumClient(options),
    startEmulator: async (options) => (await import("./emulator/server.ts")).startEmulator(options),
    openNgrok: async (options) => (await import("./tunnel/ngrok.ts")).openNgrok(options),
    openProgramTunnel: async (options) => (await import("./tunnel/program.ts")).openProgramTunnel(options),
    probe: async (...request) =>
      waits.during(`${request[0].host} to answer`, (await import("./platform/probe.ts")).probe(...request)),
    inspectorFolder: fileURLToPath(new URL("../dist/inspector", import.meta.url)),
    openUrl: async (url) => (await import("./platform/open-url.ts")).openUrl(url, process.platform),
    examplesFolder: fileURLToPath(new URL("../examples", import.meta.url)),
    recipesFolder: fileURLToPath(new URL("../recipes", import.meta.url)),
    lookUp: async (host, stop) =>
      waits.during(`the address of ${host}`, (await import("./platform/lookup.ts")).lookUp(host, stop)),
    checkEndpoint: async (options, deps) => (await import("./checks/checks.ts")).runChecks(options, deps),
    inspectCertificate: async (request) => {
      const { inspectCertificate } = await import("./platform/inspect-certificate.ts");
      return waits.during(`the certificate of ${request.host}`, inspectCertificate(request));
    },
    run: ([command = "", ...args], env) =>
      new Promise((resolve, reject) => {
        // A request to stop from before this listener would otherwise be missed.
        signal.throwIfAborted();
        const child = spawn(command, args, { stdio: "inherit", env: { ...env } });
        const forwardSignal = () => {
          const name = signal.reason instanceof Interrupted ? signal.reason.signalName : "";
          // A terminal sends its Ctrl-C to the child too, and many programs treat a second one as a forced exit
          // without cleanup. A SIGINT to this process alone cannot be distinguished from it. If input is piped at a
          // terminal, the child may get two; in scripts and CI, where only this process gets a SIGINT, it would
          // otherwise get none.
          if (name === "SIGINT" && process.stdin.isTTY) return;
          child.kill(FORWARDED_SIGNALS.find((each) => each === name) ?? "SIGTERM");
        };
        const listener = onAbort(signal, forwardSignal);
        child.once("error", (cause: NodeJS.ErrnoException) => reject(unstartable(command, cause)));
        child.once("exit", (code, endSignal) => {
          listener[Symbol.dispose]();
          resolve({ code, signal: endSignal });
        });
      }),
    capture: async (command, options) => {
      const killGroup = (groupId: number) => {
        try {
          process.kill(process.platform === "win32" ? groupId : -groupId, "SIGKILL");
        } catch {
          // It has already exited.
        }
      };
      return (await import("./platform/shell.ts")).runShell(command, { ...options, killGroup });
    },
  };
}

/** The exit codes are those of a shell: 127 for a missing program, 126 for one that cannot be executed. */
function unstartable(command: string, cause: NodeJS.ErrnoException): AppError {
  return cause.code === "ENOENT"
    ? new AppError("command_not_found", `command not found: ${command}`, {
        hint: "Put the command after --, for example: bluum-hooks exec -- npm test",
        cause,
      })
    : new AppError("command_not_executable", `cannot run ${command} (${cause.code})`, {
        hint: `Make it executable (chmod +x), or name the program that runs it: bluum-hooks exec -- node FILE`,
        cause,
      });
}

const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The text that replaces lines dropped because the reader was too slow. */
function droppedLine(lines: number): string {
  return `! ${lines} ${lines === 1 ? "line was" : "lines were"} not printed, because the output was not read\n`;
}

function droppedRecord(lines: number): string {
  const message = `${lines} records were not printed, because the output was not read`;
  const code: WarningCode = "output_dropped";
  return `${JSON.stringify({ type: "warning", code, message, at: new Date().toISOString() })}\n`;
}

function workingDirectory(process: NodeJS.Process): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** A container may run under a user id without a name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "user";
  }
}

/** More than any delivery: an endless pipe must not fill the memory. */
const MAX_STDIN_BYTES = 64 * 1024 * 1024;

async function readAll(stdin: NodeJS.ReadStream, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_STDIN_BYTES) {
        throw new AppError("invalid_usage", "standard input is too long", { hint: "Pipe in at most 64 MB." });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return Buffer.concat(chunks);
}
