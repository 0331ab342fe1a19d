import type { Socket } from "node:net";

/** Limits for senders that have not sent a whole request yet. Times in milliseconds. */
export interface UnfinishedLimits {
  /** Beyond this number, connections are closed, the oldest first, unless they are younger than `settlingMs`. */
  readonly maxUnfinished: number;
  readonly settlingMs: number;
  /** Maximum of all connections in any state: the least important ones are closed for new ones. */
  readonly maxConnections: number;
  /** Total size of all heads and bodies that are being read. */
  readonly maxBytes: number;
  /** A body with a lower average rate since `graceMs` is aborted. */
  readonly minBytesPerSecond: number;
  readonly graceMs: number;
}

/** A web server's usual minimum rate and grace period (those of ASP.NET's Kestrel), enough for any real sender. */
export const UNFINISHED_LIMITS: UnfinishedLimits = {
  maxUnfinished: 512,
  settlingMs: 1_000,
  maxConnections: 2_048,
  maxBytes: 8 * 1024 * 1024,
  minBytesPerSecond: 240,
  graceMs: 5_000,
};

/** The share that is closed at once, so that a burst does not cause a search for each connection. */
const EVICTED_SHARE = 1 / 8;

/** A sender's connection. */
export class Connection {
  readonly socket: Socket;
  /** When it entered its current state, in Unix milliseconds. */
  since: number;
  /**
   * `head`: waits for the head of its first request. `body`: waits for the rest of a body. `idle`: kept open for the
   * next request, or waiting for responses.
   */
  state: "head" | "body" | "idle" = "head";
  /** Requests that were received completely and not yet answered. */
  pending = 0;
  /** Bytes received of the current body; `charged` is the memory counted for the head or body. */
  received = 0;
  charged = 0;
  /** Stops reading the body and discards what was read. */
  drop = () => {};
  /** Whether it counts towards the limits: data still read from a closed connection does not. */
  isOpen = true;
  /** In Unix milliseconds. */
  closedAt: number | undefined;

  constructor(socket: Socket, since: number) {
    this.socket = socket;
    this.since = since;
  }
}

/**
 * Tracks the senders' connections and limits those that have not sent a whole request: a client that keeps many
 * connections open must neither block a real sender nor fill the memory. The oldest are closed, because a real sender
 * finishes quickly.
 */
export class Connections {
  readonly #limits: UnfinishedLimits;
  readonly #now: () => number;
  readonly #cut: (connection: Connection) => void;
  readonly #open = new Map<Socket, Connection>();
  #unfinished = 0;
  #charged = 0;

  /** `cut` closes a connection, and may send a response first. */
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

  /** The connection of a socket that was added, even if it has been closed. */
  of(socket: Socket): Connection {
    const known = this.#open.get(socket);
    if (known !== undefined) return known;
    const closed = new Connection(socket, this.#now());
    closed.isOpen = false;
    return closed;
  }

  /** The head of a request has been received; its body follows. */
  began(connection: Connection): void {
    if (!connection.isOpen) return;
    if (connection.state === "idle") this.#unfinished += 1;
    this.#charged -= connection.charged;
    connection.charged = 0;
    connection.state = "body";
    connection.since = this.#now();
  }

  /** A part of the body has been received. */
  grew(connection: Connection, bytes: number, memoryBytes: number): void {
    if (!connection.isOpen) return;
    connection.received += bytes;
    this.#charge(connection, memoryBytes);
  }

  /** The whole request has been received and will be answered. */
  arrived(connection: Connection): void {
    connection.pending += 1;
    this.#finish(connection);
  }

  /** The rest of the request is not needed. */
  gaveUp(connection: Connection): void {
    this.#finish(connection);
  }

  answered(connection: Connection): void {
    connection.pending -= 1;
  }

  /** Closes connections that are too slow, and those over the limit after their minimum time. Call it periodically. */
  sweep(): void {
    const { graceMs, minBytesPerSecond, maxUnfinished, settlingMs } = this.#limits;
    const now = this.#now();
    for (const connection of this.#open.values()) {
      const { state, pending, received, since, charged, socket } = connection;
      // While the head is incomplete, only its number of bytes is known.
      if (state === "head" && socket.bytesRead > charged) this.#charge(connection, socket.bytesRead - charged);
      const ageMs = now - since;
      if (state !== "body" || pending > 0 || ageMs <= graceMs) continue;
      if (received < (minBytesPerSecond * ageMs) / 1000) this.#close(connection);
    }
    if (this.#unfinished <= maxUnfinished) return;
    const old = this.#dispensable().filter(({ state, since }) => state !== "idle" && now - since > settlingMs);
    this.#evict(old, () => this.#unfinished > maxUnfinished);
  }

  /**
   * Connections to close, the least important first: unfinished ones, oldest first, then the others, and last those
   * whose sender waits for a response.
   */
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
