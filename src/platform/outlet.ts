import { constants, fstatSync, openSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { abortOf } from "./abort.ts";

/** One of the process's output streams. */
export type Output = NodeJS.WriteStream & { readonly fd: number };

/** A destination of text. Writing never blocks: text that the reader has not consumed is buffered. */
export interface Outlet {
  write(text: string): void;
  /** How much is buffered, in bytes or characters. */
  readonly waiting: number;
  /** How much the reader has consumed, in the same unit. */
  readonly consumed: number;
  /** Resolves once all text has been written, or cannot be written any more. */
  settled(): Promise<void>;
}

/** A non-blocking stream of the process: a pipe, and on Windows a terminal. */
export class StreamOutlet implements Outlet {
  readonly #stream: Output;
  #written = 0;

  constructor(stream: Output) {
    this.#stream = stream;
  }

  write(text: string): void {
    this.#written += text.length;
    this.#stream.write(text);
  }

  get waiting(): number {
    return this.#stream.writableLength;
  }

  get consumed(): number {
    return this.#written - this.waiting;
  }

  settled(): Promise<void> {
    return new Promise((done) => this.#stream.write("", () => done()));
  }
}

/**
 * A file, or a device such as /dev/null. Node reports a partial write on a full disk as a success; this class writes
 * the rest too, or fails. After a failure nothing more is written, because the file would have a gap.
 */
export class FileOutlet implements Outlet {
  readonly #fd: number;
  readonly #onError: (error: unknown) => void;
  #hasFailed = false;
  readonly waiting = 0;
  consumed = 0;

  constructor(fd: number, onError: (error: unknown) => void) {
    this.#fd = fd;
    this.#onError = onError;
  }

  write(text: string): void {
    if (this.#hasFailed) return;
    try {
      writeFileSync(this.#fd, text);
      this.consumed += text.length;
    } catch (error) {
      this.#hasFailed = true;
      this.#onError(error);
    }
  }

  async settled(): Promise<void> {}
}

/** How often writing to a terminal that is not read is retried. */
const RETRY_MS = 20;

/**
 * A terminal. Node writes to it synchronously, so a terminal that is not read (Ctrl-S, a stalled ssh) would block the
 * whole program; this class opens it again in non-blocking mode. See docs/decisions/0017.
 */
export class TerminalOutlet implements Outlet {
  readonly #fd: number;
  readonly #onError: (error: unknown) => void;
  #queue: Buffer[] = [];
  #retry: NodeJS.Timeout | undefined;
  #settlers: (() => void)[] = [];
  waiting = 0;
  consumed = 0;

  constructor(fd: number, onError: (error: unknown) => void) {
    this.#fd = fd;
    this.#onError = onError;
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    this.#queue.push(bytes);
    this.waiting += bytes.length;
    if (this.#retry === undefined) this.#pump();
  }

  async settled(): Promise<void> {
    if (this.waiting > 0) await new Promise<void>((resolve) => this.#settlers.push(resolve));
  }

  #pump(): void {
    this.#retry = undefined;
    try {
      for (let [head] = this.#queue; head !== undefined; [head] = this.#queue) {
        const written = writeSync(this.#fd, head);
        this.consumed += written;
        this.waiting -= written;
        if (written === head.length) this.#queue.shift();
        else this.#queue[0] = head.subarray(written);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") {
        this.#retry = setTimeout(() => this.#pump(), RETRY_MS);
        return;
      }
      this.#queue = [];
      this.waiting = 0;
      this.#onError(error);
    }
    for (const settle of this.#settlers.splice(0)) settle();
  }
}

/**
 * Opens an outlet for each stream, or one for streams that share a terminal, where their order matters. A terminal
 * that cannot be opened again, such as another user's, is written with Node's stream.
 */
export function openOutlets(streams: readonly Output[], platform: NodeJS.Platform): Outlet[] {
  const terminals = new Map<number, Outlet>();
  return streams.map((stream) => {
    const onError = (error: unknown) => void stream.emit("error", error);
    if (!stream.isTTY) return isFile(stream.fd) ? new FileOutlet(stream.fd, onError) : new StreamOutlet(stream);
    if (platform === "win32") return new StreamOutlet(stream);
    const { rdev } = fstatSync(stream.fd);
    const known = terminals.get(rdev);
    if (known !== undefined) return known;
    const fd = reopen(stream.fd, platform);
    const outlet = fd === undefined ? new StreamOutlet(stream) : new TerminalOutlet(fd, onError);
    terminals.set(rdev, outlet);
    return outlet;
  });
}

/** A file, or a device other than a terminal. */
function isFile(fd: number): boolean {
  try {
    const kind = fstatSync(fd);
    return kind.isFile() || kind.isCharacterDevice();
  } catch {
    return false;
  }
}

/** Opens the same terminal again: non-blocking mode must not change the file that the shell uses. */
function reopen(fd: number, platform: NodeJS.Platform): number | undefined {
  const path = platform === "linux" ? `/proc/self/fd/${fd}` : "/dev/tty";
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** How long the exit waits for a reader that consumes nothing. */
const STALLED_MS = 1_000;
const LOOK_MS = 100;

/** Resolves when the reader has consumed nothing for a second after the signal aborted. */
export async function abandoned(outlet: Pick<Outlet, "waiting" | "consumed">, signal: AbortSignal): Promise<void> {
  await abortOf(signal);
  for (let [consumed, since] = [outlet.consumed, performance.now()]; performance.now() - since < STALLED_MS;) {
    await delay(LOOK_MS, undefined, { ref: false });
    if (outlet.consumed !== consumed || outlet.waiting === 0) [consumed, since] = [outlet.consumed, performance.now()];
  }
}
