import type { Socket } from "node:net";

/** Limits for senders that have not sent a whole request yet. Times in milliseconds. */
export interface UnfinishedLimits {
  /** More are closed, the oldest first, unless they are younger than `settlingMs`. */
  readonly maxUnfinished: number;
  readonly settlingMs: number;
  /** Of all connections, whatever they do: the most dispensable make room for the next. */
  readonly maxConnections: number;
  /** Of all heads and bodies that are being read. */
  readonly maxBytes: number;
  /** A body that has come more slowly than this, on average since `graceMs`, is given up. */
  readonly minBytesPerSecond: number;
  readonly graceMs: number;
}

/** A web server's usual least rate and grace (those of ASP.NET's Kestrel), and room for any real sender. */
export const UNFINISHED_LIMITS: UnfinishedLimits = {
  maxUnfinished: 512,
  settlingMs: 1_000,
  maxConnections: 2_048,
  maxBytes: 8 * 1024 * 1024,
  minBytesPerSecond: 240,
  graceMs: 5_000,
};

/** What goes at once, so that a burst does not cost a search for each connection. */
const EVICTED_SHARE = 1 / 8;

/** A sender's connection. */
export class Connection {
  readonly socket: Socket;
  /** Since when it has been in its state, in Unix milliseconds. */
  since: number;
  /** Waits for the head of its first request, or for the body of one; `idle` is kept for the next, or waits for answers. */
  state: "head" | "body" | "idle" = "head";
  /** Requests that were received whole and are still to be answered. */
  pending = 0;
  /** Bytes of the body that is being read; `charged` is what the head or the body takes in memory. */
  received = 0;
  charged = 0;
  /** Reads no more of the body, and keeps nothing of it. */
  drop = () => {};
  /** Whether it counts: what is still read of one that was closed does not. */
  isOpen = true;
  /** In Unix milliseconds. */
  closedAt: number | undefined;

  constructor(socket: Socket, since: number) {
    this.socket = socket;
    this.since = since;
  }
}

/**
 * The senders' connections, and the budget of those that have not sent a whole request: strangers who keep many of them
 * open must neither shut a real sender out nor fill the memory. Closed are the oldest, for a real sender is soon done.
 */
export class Connections {
  readonly #limits: UnfinishedLimits;
  readonly #now: () => number;
  readonly #cut: (connection: Connection) => void;
  readonly #open = new Map<Socket, Connection>();
  #unfinished = 0;
  #charged = 0;

  /** `cut` closes a connection, and may say so to the sender first. */
  constructor(limits: UnfinishedLimits, now: () => number, cut: (connection: Connection) => void) {
    this.#limits = limits;
    this.#now = now;
    this.#cut = cut;
  }

  add(socket: Socket): void {
    const connection = new Connection(socket, this.#now());
    this.#open.set(socket, connection);
    this.#unfinished += 1;
    socket.once("close", () => {
      connection.closedAt = this.#now();
      this.#forget(connection);
    });
    const { maxConnections } = this.#limits;
    if (this.#open.size <= maxConnections) return;
    this.#evict(this.#dispensable(), () => this.#open.size > maxConnections * (1 - EVICTED_SHARE));
  }

  /** The connection of a socket that was added, also when it has been closed. */
  of(socket: Socket): Connection {
    const known = this.#open.get(socket);
    if (known !== undefined) return known;
    const closed = new Connection(socket, this.#now());
    closed.isOpen = false;
    return closed;
  }

  /** A request's head is here, and its body follows. */
  began(connection: Connection): void {
    if (!connection.isOpen) return;
    if (connection.state === "idle") this.#unfinished += 1;
    this.#charged -= connection.charged;
    connection.charged = 0;
    connection.state = "body";
    connection.since = this.#now();
  }

  /** A part of the body is here. */
  grew(connection: Connection, bytes: number, memoryBytes: number): void {
    if (!connection.isOpen) return;
    connection.received += bytes;
    this.#charge(connection, memoryBytes);
  }

  /** The request is here as a whole, and will be answered. */
  arrived(connection: Connection): void {
    connection.pending += 1;
    this.#finish(connection);
  }

  /** No more of the request is wanted. */
  gaveUp(connection: Connection): void {
    this.#finish(connection);
  }

  answered(connection: Connection): void {
    connection.pending -= 1;
  }

  /** Closes what is too slow, and what is over the budget and has had its time. To be called now and then. */
  sweep(): void {
    const { graceMs, minBytesPerSecond, maxUnfinished, settlingMs } = this.#limits;
    const now = this.#now();
    for (const connection of this.#open.values()) {
      const { state, pending, received, since, charged, socket } = connection;
      // Of a head nothing is known but its bytes.
      if (state === "head" && socket.bytesRead > charged) this.#charge(connection, socket.bytesRead - charged);
      const ageMs = now - since;
      if (state !== "body" || pending > 0 || ageMs <= graceMs) continue;
      if (received < (minBytesPerSecond * ageMs) / 1000) this.#close(connection);
    }
    if (this.#unfinished <= maxUnfinished) return;
    const old = this.#dispensable().filter(({ state, since }) => state !== "idle" && now - since > settlingMs);
    this.#evict(old, () => this.#unfinished > maxUnfinished);
  }

  /** The unfinished first, the oldest of them before the others; last those on whose answer somebody waits. */
  #dispensable(): Connection[] {
    const rank = ({ pending, state }: Connection) => (pending > 0 ? 2 : state === "idle" ? 1 : 0);
    return [...this.#open.values()].toSorted((one, other) => rank(one) - rank(other) || one.since - other.since);
  }

  #charge(connection: Connection, bytes: number): void {
    connection.charged += bytes;
    this.#charged += bytes;
    if (this.#charged <= this.#limits.maxBytes) return;
    const reading = this.#dispensable().filter(({ charged }) => charged > 0);
    this.#evict(reading, () => this.#charged > this.#limits.maxBytes * (1 - EVICTED_SHARE));
  }

  #evict(connections: readonly Connection[], isTooMany: () => boolean): void {
    for (const connection of connections) {
      if (!isTooMany()) return;
      this.#close(connection);
    }
  }

  #close(connection: Connection): void {
    this.#forget(connection);
    connection.drop();
    this.#cut(connection);
  }

  #forget(connection: Connection): void {
    this.#finish(connection);
    connection.isOpen = false;
    this.#open.delete(connection.socket);
  }

  #finish(connection: Connection): void {
    if (connection.state !== "idle") this.#unfinished -= 1;
    this.#charged -= connection.charged;
    connection.state = "idle";
    connection.received = 0;
    connection.charged = 0;
    connection.since = this.#now();
  }
}
