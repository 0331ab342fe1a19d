import { abortOf } from "./abort.ts";
import { abandoned, openOutlets, type Outlet, type Output } from "./outlet.ts";

/** The output that a slow or stalled reader has not consumed. */
export interface Backlog {
  /** Whether so much is buffered that a writer should pause. */
  readonly isFull: boolean;
  /** Resolves once the buffer has room again, or the signal aborts. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Resolves once all output is written; after the signal, also when the reader has consumed nothing for a second. */
  flushed(signal: AbortSignal): Promise<void>;
  /** Resolves if the reader consumes nothing for a second after the signal. */
  abandoned(signal: AbortSignal): Promise<void>;
}

interface Sink {
  write(text: string): void;
  /** Writes the queued output now, as far as that is possible without blocking. */
  hurry(): void;
  /** Shows a line below all other output until it is replaced or cleared; only on a terminal. */
  status?(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly backlog: Backlog;
}

/** How much is buffered for a slow reader before a continuous writer pauses. */
const FULL = 256 * 1024;
/** If the reader consumes nothing for this long and more than this is buffered, lines are dropped and counted. */
const NOT_READ_MS = 10_000;
const MAX_WAITING = { terminal: 1024 * 1024, other: 16 * 1024 * 1024 } as const;

/** An output destination, which both streams may share. */
interface Destination {
  readonly outlet: Outlet;
  /** The status line to show below all output, and the one that is shown. */
  status: string;
  shownStatus: string;
  /** After an incomplete line, such as a prompt, the status line waits for the rest. */
  isMidLine: boolean;
}

interface Target {
  readonly destination: Destination;
  readonly maxWaiting: number;
  readonly describeDropped: (lines: number) => string;
  /** Dropped lines that have not been reported yet. */
  dropped: number;
  /** How much the reader had consumed at the last check, and since when that has not changed. */
  consumed: number;
  consumedAt: number;
}

const ERASE_LINE = "\r\x1b[2K";
/** Sequences that leave the cursor at the start of an empty line: a line break, or erasing the line or the screen. */
const LINE_ENDS = ["\n", ERASE_LINE, "\x1b[H"];

/**
 * Creates sinks for the process's streams. Text written in one turn of the event loop is sent together, in order: a
 * burst of a thousand lines costs a few system calls.
 */
export function createSinks(
  streams: readonly Output[],
  platform: NodeJS.Platform,
  /** For each stream, the text that replaces dropped lines. */
  describeDropped: readonly ((lines: number) => string)[],
): Sink[] {
  let queue: { readonly destination: Destination; text: string }[] = [];
  let isDue = false;
  let targets: Target[] | undefined;
  const targetOf = (index: number) => {
    // Opened at the first write.
    targets ??= openTargets();
    return targets[index] as Target;
  };
  const openTargets = (): Target[] => {
    const destinations = new Map<Outlet, Destination>();
    return openOutlets(streams, platform).map((outlet, at) => {
      const destination = destinations.get(outlet) ?? { outlet, status: "", shownStatus: "", isMidLine: false };
      destinations.set(outlet, destination);
      return {
        destination,
        maxWaiting: MAX_WAITING[streams[at]?.isTTY ? "terminal" : "other"],
        describeDropped: describeDropped[at] ?? (() => ""),
        dropped: 0,
        consumed: 0,
        consumedAt: performance.now(),
      };
    });
  };
  const flush = () => {
    isDue = false;
    const writes = queue;
    queue = [];
    for (const { destination, text } of writes) {
      destination.outlet.write(destination.shownStatus === "" ? text : ERASE_LINE + text);
      destination.shownStatus = "";
      destination.isMidLine = !LINE_ENDS.some((end) => text.endsWith(end));
    }
    for (const { destination } of targets ?? [])
      if (destination.status !== destination.shownStatus) showStatus(destination);
  };
  /** Skipped while the reader is stalled, because it would only add a line. */
  const showStatus = (destination: Destination) => {
    if (destination.outlet.waiting > 0 || destination.isMidLine) return;
    const before = destination.shownStatus === "" ? "" : ERASE_LINE;
    if (before + destination.status !== "") destination.outlet.write(before + destination.status);
    destination.shownStatus = destination.status;
  };
  const waitingFor = ({ destination }: Target) =>
    queue.reduce((sum, { destination: other, text }) => sum + (destination === other ? text.length : 0), 0) +
    destination.outlet.waiting;
  const flushSoon = () => {
    if (!isDue) setImmediate(flush);
    isDue = true;
  };
  const enqueue = ({ destination }: Target, text: string) => {
    flushSoon();
    const last = queue.at(-1);
    if (last?.destination === destination) last.text += text;
    else queue.push({ destination, text });
  };
  const isNotRead = (target: Target) => {
    const { maxWaiting } = target;
    const { outlet } = target.destination;
    if (outlet.waiting <= maxWaiting || outlet.consumed !== target.consumed) {
      target.consumed = outlet.consumed;
      target.consumedAt = performance.now();
    }
    return outlet.waiting > maxWaiting && performance.now() - target.consumedAt > NOT_READ_MS;
  };
  const sayDropped = async (target: Target) => {
    await target.destination.outlet.settled();
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
        await Promise.race([targetOf(index).destination.outlet.settled(), ...stopped]);
      },
      async flushed(signal) {
        const { outlet } = targetOf(index).destination;
        do {
          await new Promise(setImmediate);
          await Promise.race([outlet.settled(), abandoned(outlet, signal)]);
        } while (queue.length > 0);
      },
      abandoned: (signal) => abandoned(targetOf(index).destination.outlet, signal),
    };
    return {
      write(text) {
        const target = targetOf(index);
        if (target.dropped > 0 || isNotRead(target)) drop(target, text);
        else enqueue(target, text);
      },
      hurry: flush,
      ...(stream.isTTY
        ? {
            status(text: string) {
              targetOf(index).destination.status = text;
              flushSoon();
            },
          }
        : {}),
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
