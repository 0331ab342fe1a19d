import { abandoned, abortOf, openOutlets, type Outlet, type Output } from "./outlet.ts";

/** What a reader who is slow, or does not read at all, makes wait. */
export interface Backlog {
  /** Whether so much waits that whoever can wait should. */
  readonly isFull: boolean;
  /** Resolves once there is room for more, or the signal is aborted. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Resolves once all is out; or, after the signal, once the reader has taken nothing for a second. */
  flushed(signal: AbortSignal): Promise<void>;
  /** Resolves only if after the signal the reader takes nothing for a second. */
  abandoned(signal: AbortSignal): Promise<void>;
}

interface Sink {
  write(text: string): void;
  /** Writes at once what has been written so far, as far as that goes without waiting. */
  hurry(): void;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly backlog: Backlog;
}

/** How much may wait for a slow reader before whoever writes without end waits too. */
const FULL = 256 * 1024;
/** Where the reader has taken nothing for so long and more than this waits, lines are dropped, and counted. */
const NOT_READ_MS = 10_000;
const MAX_WAITING = { terminal: 1024 * 1024, other: 16 * 1024 * 1024 } as const;

interface Target {
  readonly outlet: Outlet;
  readonly maxWaiting: number;
  readonly describeDropped: (lines: number) => string;
  /** Lines that were dropped and not yet spoken of. */
  dropped: number;
  /** How much its reader had taken when that was looked at last, and since when it is no more. */
  taken: number;
  takenAt: number;
}

/**
 * Sinks over the process's streams. What is written in one turn of the event loop goes out together, in its order: a burst
 * of a thousand lines costs a few calls of the system, not a thousand.
 */
export function createSinks(
  streams: readonly Output[],
  platform: NodeJS.Platform,
  /** For each stream, what is printed in place of so many lines. */
  describeDropped: readonly ((lines: number) => string)[],
): Sink[] {
  let queue: { readonly target: Target; text: string }[] = [];
  let targets: Target[] | undefined;
  const targetOf = (index: number) => {
    // Opened when something is first written.
    targets ??= openOutlets(streams, platform).map((outlet, at) => ({
      outlet,
      maxWaiting: MAX_WAITING[streams[at]?.isTTY ? "terminal" : "other"],
      describeDropped: describeDropped[at] ?? (() => ""),
      dropped: 0,
      taken: 0,
      takenAt: performance.now(),
    }));
    return targets[index] as Target;
  };
  const flush = () => {
    const writes = queue;
    queue = [];
    for (const { target, text } of writes) target.outlet.write(text);
  };
  const waitingFor = (target: Target) =>
    queue.reduce((sum, { target: other, text }) => sum + (target.outlet === other.outlet ? text.length : 0), 0) +
    target.outlet.waiting;
  const enqueue = (target: Target, text: string) => {
    if (queue.length === 0) setImmediate(flush);
    const last = queue.at(-1);
    if (last?.target === target) last.text += text;
    else queue.push({ target, text });
  };
  const isNotRead = (target: Target) => {
    const { outlet, maxWaiting } = target;
    if (outlet.waiting <= maxWaiting || outlet.taken !== target.taken) {
      target.taken = outlet.taken;
      target.takenAt = performance.now();
    }
    return outlet.waiting > maxWaiting && performance.now() - target.takenAt > NOT_READ_MS;
  };
  const sayDropped = async (target: Target) => {
    await target.outlet.settled();
    const notice = target.describeDropped(target.dropped);
    target.dropped = 0;
    enqueue(target, notice);
  };
  const drop = (target: Target, text: string) => {
    if (target.dropped === 0) void sayDropped(target);
    target.dropped += text.split("\n").length - 1;
  };
  return streams.map((stream, index) => {
    const backlog: Backlog = {
      get isFull() {
        return targets !== undefined && waitingFor(targetOf(index)) >= FULL;
      },
      async drain(signal) {
        if (!backlog.isFull) return;
        await new Promise(setImmediate);
        const stopped = signal === undefined ? [] : [abortOf(signal)];
        await Promise.race([targetOf(index).outlet.settled(), ...stopped]);
      },
      async flushed(signal) {
        const { outlet } = targetOf(index);
        do {
          await new Promise(setImmediate);
          await Promise.race([outlet.settled(), abandoned(outlet, signal)]);
        } while (queue.length > 0);
      },
      abandoned: (signal) => abandoned(targetOf(index).outlet, signal),
    };
    return {
      write(text) {
        const target = targetOf(index);
        if (target.dropped > 0 || isNotRead(target)) drop(target, text);
        else enqueue(target, text);
      },
      hurry: flush,
      get isTTY() {
        return stream.isTTY;
      },
      get columns() {
        return stream.columns ?? 80;
      },
      backlog,
    };
  });
}
