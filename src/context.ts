import type { BluumClient, BluumClientOptions } from "./bluum/client.ts";
import type { CheckDeps } from "./checks/checks.ts";
import type { Config } from "./config/config-file.ts";
import type { Emulator, EmulatorOptions } from "./emulator/server.ts";
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
import type { Tunnel, TunnelOptions } from "./tunnel/tunnel.ts";
import type { CheckOptions } from "./checks/check-options.ts";

/** A program run by `exec`, already ended: its exit code, or the signal that ended it. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** Something that only the user knows. */
export interface Question {
  readonly message: string;
  /** Whether what is typed stays hidden. */
  readonly isSecret?: boolean;
  /** Why an answer will not do, so that it is asked for again. */
  readonly validate?: (answer: string) => string | undefined;
}

/** Everything outside the program that a command may touch. A test replaces what it needs to own. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** What must not be seen in any output. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Where every adapter says what it waits for. */
  readonly waits: Waits;
  /** Aborted with an `Interrupted` when the program must end. */
  readonly signal: AbortSignal;
  readonly pid: number;
  readonly version: string;
  /** Of the runtime, without a `v`. */
  readonly nodeVersion: string;
  /** `user@host`, part of the name by which our webhooks are found again. */
  readonly whoami: string;
  /** Whether somebody sits at a terminal and can be asked. */
  readonly isInteractive: boolean;
  confirm(question: string): Promise<boolean>;
  /** Reads single keys of the terminal until disposed; undefined where there is none to read from. */
  readKeys(onKey: (key: string) => void): Disposable | undefined;
  /** The answer without the spaces around it; empty if the user just went on. Rejects with `Interrupted` on Ctrl-C. */
  ask(question: Question): Promise<string>;
  /** Everything that comes in on standard input, byte for byte. Throws `invalid_usage` if it is more than any input could be. */
  readStdin(): Promise<Buffer>;
  /** Writes a file that a flag names, whole or not at all. Throws `file_unusable`; `what` says what it is. */
  writeFile(path: string, text: string, what: string): Promise<void>;
  /** Throws `file_unusable` where `writeFile` could not write. What is there stays as it is. */
  proveWritable(path: string, what: string): Promise<void>;
  /** Interrupts the program when the process that started it has died, until disposed. */
  watchParent(): ParentWatch;
  /** Said when the user insists on leaving before the work is finished. */
  onForcedExit(advice: string | undefined): void;
  openStore(folder: string): Promise<Store>;
  /** For a command that only looks things up: the store need not be there, nor be writable. */
  openStoreReader(folder: string): Promise<StoreReader>;
  /** Opens the store without writing to its folder, even where it could be written. */
  peekStore(folder: string): Promise<StoreReader>;
  openConfig(folder: string): Promise<Config>;
  createApi(options: BluumClientOptions): Promise<BluumClient>;
  startEmulator(options: EmulatorOptions): Promise<Emulator>;
  lookUp(host: string, signal: AbortSignal): Promise<Lookup>;
  checkEndpoint(options: CheckOptions, deps: CheckDeps): Promise<CheckReport>;
  inspectCertificate(request: CertificateRequest): Promise<CertificateInspection>;
  openTunnel(options: TunnelOptions): Promise<Tunnel>;
  /** One harmless request to a host. */
  readonly probe: Probe;
  /** Where the recipes lie that come with the program. */
  readonly recipesFolder: string;
  /** Runs a program with these variables and no others, on the terminal of this one. */
  run(command: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<ChildEnd>;
  /** Runs a command line in the user's shell, and gives what it printed. */
  capture(command: string, options: Omit<ShellOptions, "killGroup">): Promise<ShellEnd>;
}
