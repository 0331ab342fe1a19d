import { createServer, type Server, type Socket } from "node:net";
import { listenOn, listenOnReopenedPort } from "../reopened-port.ts";

/** The port that agents connect to. It can close, reopen, and accept connections without serving them. */
export class ConnectionGate {
  readonly #onConnection: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();
  #waiting: Socket[] = [];
  #isSilent = false;
  #server: Server | undefined;
  #port = 0;

  constructor(onConnection: (socket: Socket) => void) {
    this.#onConnection = onConnection;
  }

  get port(): number {
    return this.#port;
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Listens on any free port at first, and later on the same one again. */
  async open(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
      if (this.#isSilent) this.#waiting.push(socket);
      else this.#onConnection(socket);
    });
    if (this.#port === 0) this.#port = await listenOnReopenedPort(server);
    else await listenOn(server, this.#port);
    this.#server = server;
  }

  /** Stops listening and breaks all connections. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    this.drop();
    await closed;
  }

  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on new connections are accepted but not served. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Serves new connections again, and those that waited. */
  resume(): void {
    this.#isSilent = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const socket of waiting) if (!socket.destroyed) this.#onConnection(socket);
  }
}
