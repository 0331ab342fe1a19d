import { readFileSync } from "node:fs";
import { connect, isIP, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import postgres from "postgres";
import type { DatabaseAddress } from "./database-url.ts";
import { explainDatabaseError, noAnswer, unusableCa } from "./failures.ts";

/** How long a query may make no progress. The driver has no limit: a cut network would hold a query for minutes. */
const STALL_MS = 10_000;
/** A server that sends a byte now and then cannot hold a query for longer than this many times the limit. */
const MAX_STALLS = 12;
const CONNECT_SECONDS = 5;
/** The driver reconnects at once to a server that accepts a connection and closes it. */
const RECONNECT_MS = 200;

type Value = string | number | boolean | null | Buffer | readonly string[];
type Sql = ReturnType<typeof postgres>;

export interface DatabaseOptions {
  readonly address: DatabaseAddress;
  /** The name that the server's list of connections shows. */
  readonly applicationName: string;
  readonly stallMs?: number;
}

/**
 * A connection to the database that survives restarts, cuts and servers that do not answer: a query either ends or
 * fails within a time limit, and the next one uses a new connection. Every method throws an `AppError`.
 */
export class TeamDatabase implements AsyncDisposable {
  readonly address: DatabaseAddress;
  readonly #options: DatabaseOptions;
  readonly #ca: string | undefined;
  #client: Client | undefined;
  #isClosed = false;
  #subscription: { readonly channel: string; readonly onNotify: (payload: string) => void } | undefined;
  #onListening = () => {};

  /** Throws `file_unusable` if the certificate that the URL names cannot be read. */
  constructor(options: DatabaseOptions) {
    this.address = options.address;
    this.#options = options;
    const { tls } = options.address;
    if (!("caFile" in tls) || tls.caFile === undefined) return;
    try {
      this.#ca = readFileSync(tls.caFile, "utf8");
    } catch (error) {
      throw unusableCa(tls.caFile, error);
    }
  }

  /** Runs one statement, which is a transaction of its own. */
  async query<Row extends object>(text: string, parameters: readonly Value[] = []): Promise<Row[]> {
    return this.#run((sql) => sql.unsafe<Row[]>(text, parameters as never[]));
  }

  /** Runs several statements as one transaction. */
  async script(text: string): Promise<void> {
    await this.#run((sql) => sql.unsafe(text).simple());
  }

  /**
   * Calls back for each notification of a channel, also after a reconnect. `onListening` is called each time the
   * server has accepted the subscription, which a pooler does without ever sending a notification.
   */
  listen(channel: string, onNotify: (payload: string) => void, onListening: () => void): void {
    this.#subscription = { channel, onNotify };
    this.#onListening = onListening;
    this.#subscribe(this.#current());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#client?.close();
  }

  async #run<Result>(work: (sql: Sql) => PromiseLike<Result>): Promise<Result> {
    const client = this.#current();
    const { stallMs = STALL_MS } = this.#options;
    const isOver = new AbortController();
    try {
      return await Promise.race([work(client.sql), client.stalled(stallMs, isOver.signal)]);
    } catch (error) {
      if (error instanceof Stalled) this.#replace(client);
      throw error instanceof Stalled ? noAnswer(this.address, stallMs) : explainDatabaseError(error, this.address);
    } finally {
      isOver.abort();
    }
  }

  #current(): Client {
    if (this.#client === undefined) {
      this.#client = new Client(this.#options, this.#ca);
      if (this.#subscription !== undefined) this.#subscribe(this.#client);
    }
    return this.#client;
  }

  #replace(client: Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.close();
    // A subscription has no query that would notice.
    if (this.#subscription !== undefined && !this.#isClosed) this.#current();
  }

  #subscribe(client: Client): void {
    const { channel, onNotify } = this.#subscription!;
    client.listen(channel, onNotify, () => this.#onListening());
  }
}

class Stalled extends Error {}

/** One client of the driver, with its sockets: the driver only half-closes them, and they would keep the process. */
class Client {
  readonly sql: Sql;
  readonly #sockets = new Set<Socket>();
  #connectedAt = -Infinity;
  #isListening = false;
  #isClosed = false;

  constructor({ address, applicationName }: DatabaseOptions, ca: string | undefined) {
    const { host, port, database, user, password, tls } = address;
    const verified = {
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(ca === undefined ? {} : { ca }),
      ...(tls.mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
      rejectUnauthorized: tls.mode !== "require",
    };
    const options = {
      host,
      port,
      database,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ssl: tls.mode === "disable" ? false : verified,
      max: 1,
      // Behind a pooler, prepared statements are lost between transactions.
      prepare: false,
      // The driver would print notices to stdout.
      onnotice: () => {},
      connect_timeout: CONNECT_SECONDS,
      // The driver's own grows to 20 s, so that it would notice a server's return late.
      backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 2),
      // A pooler refuses further startup parameters.
      connection: { application_name: applicationName },
      socket: () => this.#connect(host, port),
    };
    this.sql = postgres(options as postgres.Options<Record<string, never>>);
  }

  listen(channel: string, onNotify: (payload: string) => void, onListening: () => void): void {
    if (this.#isListening) return;
    this.#isListening = true;
    const attempt = async () => {
      // A second subscription after a rejected one would be in force as well, so it is a new attempt of this one.
      while (!this.#isClosed) {
        try {
          await this.sql.listen(channel, (payload) => this.#isClosed || onNotify(payload), onListening);
          return;
        } catch {
          await delay(RECONNECT_MS, undefined, { ref: false });
        }
      }
    };
    void attempt();
  }

  /** Rejects once no byte has been sent or received for this time. */
  async stalled(stallMs: number, signal: AbortSignal): Promise<never> {
    for (let [stalls, before] = [1, this.#progress()]; ; stalls += 1) {
      try {
        await delay(stallMs, undefined, { signal, ref: false });
      } catch {
        return new Promise(() => {});
      }
      const now = this.#progress();
      if (now === before || stalls === MAX_STALLS) throw new Stalled();
      before = now;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.sql.end({ timeout: 0 }).catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
  }

  #progress(): number {
    return [...this.#sockets].reduce(
      (sum, { bytesRead, bytesWritten, writableLength }) => sum + bytesRead + bytesWritten - writableLength,
      0,
    );
  }

  async #connect(host: string, port: number): Promise<Socket> {
    const waitMs = this.#connectedAt + RECONNECT_MS - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { ref: false });
    if (this.#isClosed) throw new Error("the connection has been closed");
    this.#connectedAt = performance.now();
    const socket = connect({ host, port });
    for (const each of this.#sockets) if (each.destroyed) this.#sockets.delete(each);
    this.#sockets.add(socket);
    // Otherwise the driver would connect again and again, without an error.
    socket.once("end", () => {
      if (socket.bytesRead === 0) socket.destroy(new Error("the server closed the connection"));
    });
    return socket;
  }
}
