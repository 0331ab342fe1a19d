import type { BluumClient, BluumClientOptions } from "./bluum/client.ts";
import type { CheckDeps } from "./checks/checks.ts";
import type { Config } from "./config/config-file.ts";
import type { Emulator, EmulatorOptions } from "./emulator/server.ts";
import type { Protocol } from "./mcp/protocol.ts";
import type { Sink } from "./output/live/sink.ts";
import type { Secrets } from "./output/privacy/mask-secrets.ts";
import type { CertificateInspection } from "./core/certificate.ts";
import type { CheckReport } from "./core/check-report.ts";
import type { CertificateRequest } from "./platform/inspect-certificate.ts";
import type { Clock } from "./platform/clock.ts";
import type { ParentWatch } from "./platform/parent.ts";
import type { Probe } from "./platform/probe.ts";
import type { Lookup } from "./platform/lookup.ts";
import type { ShellEnd, ShellOptions } from "./platform/shell.ts";
import type { Waits } from "./platform/waits.ts";
import type { Store, StoreReader } from "./store/store.ts";
import type { DatabaseOptions, TeamDatabase } from "./team/database.ts";
import type { TeamTimes } from "./team/times.ts";
import type { NgrokOptions, ProgramOptions, Tunnel } from "./tunnel/tunnel.ts";
import type { CheckOptions } from "./checks/check-options.ts";

/** The result of a program run by `exec`: its exit code, or the signal that ended it. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A question to the user. */
export interface Question {
  readonly message: string;
  /** Whether the input stays hidden. */
  readonly isSecret?: boolean;
  /** Why an answer is invalid, so that the question is repeated. */
  readonly validate?: (answer: string) => string | undefined;
}

/** All effects of a command. A test replaces those that it needs to control. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** The secrets to mask in any output. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Where adapters report what they wait for. */
  readonly waits: Waits;
  /** Aborted with an `Interrupted` when the program must end. */
  readonly signal: AbortSignal;
  readonly pid: number;
  /** The working directory; undefined if it has been deleted. */
  readonly cwd: string | undefined;
  readonly version: string;
  /** What the program runs on, for a report of a bug. */
  readonly platform: { readonly os: string; readonly arch: string };
  /** The SQLite that a store would use; undefined if there is none. */
  storeDriver(): Promise<string | undefined>;
  /** Version of the runtime, without a `v`. */
  readonly nodeVersion: string;
  /** `user@host`, part of the name by which this program's webhooks are recognized. */
  readonly whoami: string;
  /** Whether a user at a terminal can be asked. */
  readonly isInteractive: boolean;
  confirm(question: string): Promise<boolean>;
  /** Reads single keys of the terminal until disposed; undefined without a terminal. */
  readKeys(onKey: (key: string) => void): Disposable | undefined;
  /** The answer without surrounding spaces; empty if the user only pressed Enter. Rejects with `Interrupted`. */
  ask(question: Question): Promise<string>;
  /** Speaks the Model Context Protocol on the process's standard input and output. */
  openProtocol(): Promise<Protocol>;
  /** Reads standard input to its end, byte for byte. Throws `invalid_usage` above a size that no valid input has. */
  readStdin(): Promise<Buffer>;
  /** Writes a file that a flag names, atomically. Throws `file_unusable`; `what` describes the file. */
  writeFile(path: string, text: string, what: string): Promise<void>;
  /** Throws `file_unusable` if `writeFile` could not write the file. An existing file stays unchanged. */
  proveWritable(path: string, what: string): Promise<void>;
  /** Interrupts the program when its parent process has died, until disposed. */
  watchParent(): ParentWatch;
  /** Sets the text that is printed when the user forces an exit before the work is finished. */
  onForcedExit(advice: string | undefined): void;
  openStore(folder: string): Promise<Store>;
  /** For a command that only reads: the store may be missing or read-only. */
  openStoreReader(folder: string): Promise<StoreReader>;
  /** Opens the store without writing to its folder, even if it is writable. */
  peekStore(folder: string): Promise<StoreReader>;
  openConfig(folder: string): Promise<Config>;
  /** Connects to a team's database when it is first used. */
  openTeamDatabase(options: DatabaseOptions): Promise<TeamDatabase>;
  readonly teamTimes: TeamTimes;
  createApi(options: BluumClientOptions): Promise<BluumClient>;
  startEmulator(options: EmulatorOptions): Promise<Emulator>;
  lookUp(host: string, signal: AbortSignal): Promise<Lookup>;
  checkEndpoint(options: CheckOptions, deps: CheckDeps): Promise<CheckReport>;
  inspectCertificate(request: CertificateRequest): Promise<CertificateInspection>;
  openNgrok(options: NgrokOptions): Promise<Tunnel>;
  /** Starts another program that opens a tunnel. */
  openProgramTunnel(options: ProgramOptions): Promise<Tunnel>;
  /** One harmless request to a host. */
  readonly probe: Probe;
  /** The folder of the inspector's built page. */
  readonly inspectorFolder: string;
  /** Opens a URL in the user's browser; false if that is not possible. */
  openUrl(url: string): Promise<boolean>;
  /** The folder of the recipes that are part of the program. */
  readonly recipesFolder: string;
  /** The folder of the examples that are part of the program. */
  readonly examplesFolder: string;
  /** Runs a program with only these variables, on this program's terminal. */
  run(command: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<ChildEnd>;
  /** Runs a command line in the user's shell, and returns its output. */
  capture(command: string, options: Omit<ShellOptions, "killGroup">): Promise<ShellEnd>;
}
