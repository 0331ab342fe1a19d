import { constants, fstatSync, openSync, writeFileSync, writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { abortOf } from "./abort.ts";

/** One of the process's own streams for output. */
export type Output = NodeJS.WriteStream & { readonly fd: number };

/** Where text goes. Writing never blocks: what the reader has not consumed is buffered. */
export interface Outlet {
  write(text: string): void;
  /** How much waits, in bytes or characters. */
  readonly waiting: number;
  /** How much the reader has consumed. */
  readonly consumed: number;
  /** Resolves once all that has been written is out, or can go nowhere any more. */
  settled(): Promise<void>;
}

/** A stream of the process that does not block: a pipe, and on Windows a terminal. */
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
 * A file, or a device such as /dev/null. Node takes a write of which only the beginning had room on the disk for a whole one;
 * here the rest is written too, or fails. After a failure nothing more is written: what followed would have a hole before it.
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

/** How often a terminal that is not read is tried again. */
const RETRY_MS = 20;

/**
 * A terminal. Node writes to one synchronously, so that a terminal which nobody reads (Ctrl-S, a stalled ssh) would stop the
 * whole program; this writes through a file of its own that does not block. See docs/decisions/0017.
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
 * An outlet for each stream; one for those that are the same terminal, where their order matters. A terminal that cannot be
 * opened again, as that of another user, is written to as Node does.
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

/** The same terminal again, as a file of our own: that it must not block may not change what the shell has. */
function reopen(fd: number, platform: NodeJS.Platform): number | undefined {
  const path = platform === "linux" ? `/proc/self/fd/${fd}` : "/dev/tty";
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** How long the end waits for a reader that consumes nothing. */
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
