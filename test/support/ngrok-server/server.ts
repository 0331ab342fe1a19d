import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { AgentConnection, type Decisions, type Endpoint } from "./agent-connection.ts";
import { makeLoopbackCertificate } from "./certificate.ts";
import { ConnectionGate } from "./connection-gate.ts";
import type { AuthRequest, BindRequest, Reply, UnbindRequest } from "./messages.ts";
import { PublicSide } from "./public-side.ts";

/**
 * A stand-in for the ngrok service on loopback, for the unmodified SDK: it implements the part of the agent protocol
 * that an HTTP tunnel needs, and misbehaves on request.
 */
export class NgrokServer implements AsyncDisposable {
  /** For SessionBuilder.caCert, or a file named by NGROK_ROOT_CAS. */
  readonly caPem: string;
  /** Every request received, in order. `unbinds` counts a close once, although the SDK sends it twice. */
  readonly auths: AuthRequest[] = [];
  readonly binds: BindRequest[] = [];
  readonly unbinds: UnbindRequest[] = [];
  /** The reply to the next requests. */
  onAuth: Reply = "accept";
  onBind: Reply = "accept";
  /** Whether heartbeats are not answered. */
  isMute = false;
  /** Whether an agent that reconnects gets another random host, as after a restart of the service. */
  isForgetful = false;

  readonly #gate: ConnectionGate;
  readonly #public: PublicSide;
  readonly #agents = new Set<AgentConnection>();
  readonly #hostsByTunnel = new Map<string, string>();
  readonly #watchers = new Set<() => void>();

  constructor() {
    const { keyPem, certPem } = makeLoopbackCertificate();
    this.caPem = certPem;
    const decisions: Decisions = {
      auth: (request) => {
        this.auths.push(request);
        this.#changed();
        return this.onAuth;
      },
      bind: (request) => {
        this.binds.push(request);
        this.#changed();
        return this.onBind;
      },
      unbound: (request) => {
        this.unbinds.push(request);
        this.#changed();
      },
      isMute: () => this.isMute,
      endpointFor: (request) => this.#endpointFor(request),
    };
    const tls = createTlsServer({ key: keyPem, cert: certPem }, (socket) => {
      const agent = new AgentConnection(socket, decisions);
      this.#agents.add(agent);
      socket.on("close", () => {
        this.#agents.delete(agent);
        this.#changed();
      });
      socket.on("error", () => {});
    });
    tls.on("tlsClientError", () => {});
    this.#gate = new ConnectionGate((socket: Socket) => tls.emit("connection", socket));
    this.#public = new PublicSide((host, clientAddr) => {
      // The latest agent that serves a host is used.
      for (const agent of [...this.#agents].toReversed()) {
        const stream = agent.visit(host, clientAddr);
        if (stream !== undefined) return stream;
      }
      return undefined;
    });
  }

  async start(): Promise<this> {
    await this.#gate.open();
    return this;
  }

  /** For NGROK_SERVER_ADDR. */
  get serverAddr(): string {
    return `127.0.0.1:${this.#gate.port}`;
  }

  /** How many agents are connected. */
  get agentCount(): number {
    return this.#agents.size;
  }

  /** How many connections are open, served or not. */
  get connectionCount(): number {
    return this.#gate.connectionCount;
  }

  get isSilent(): boolean {
    return this.#gate.isSilent;
  }

  /** The URL of a bound host, such as `http://127.0.0.1:40001`. */
  publicUrl(host: string): string {
    const url = this.#public.url(host);
    if (url === undefined) throw new Error(`no agent has bound ${host}`);
    return url;
  }

  /** Waits until the server's data meets the condition. */
  until(isFulfilled: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!isFulfilled()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** Breaks every agent's connection, and continues to listen. */
  drop(): void {
    this.#gate.drop();
  }

  /** Breaks every connection and stops listening, until `comeBack`. Public URLs answer that the tunnel is offline. */
  async goAway(): Promise<void> {
    await this.#gate.close();
  }

  async comeBack(): Promise<void> {
    await this.#gate.open();
  }

  /** Accepts new connections but does not answer, until `thaw`. */
  silence(): void {
    this.#gate.silence();
  }

  /** Keeps every connection, but reads and answers nothing, until `thaw`. */
  freeze(): void {
    this.#gate.silence();
    for (const { socket } of this.#agents) {
      socket.pause();
      socket.cork();
    }
  }

  thaw(): void {
    for (const { socket } of this.#agents) {
      socket.uncork();
      socket.resume();
    }
    this.#gate.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#public.close();
    await this.#gate.close();
  }

  #changed(): void {
    for (const check of this.#watchers) check();
  }

  async #endpointFor(request: BindRequest): Promise<Endpoint> {
    const known = this.isForgetful ? undefined : this.#hostsByTunnel.get(request.Id);
    const id = request.Id || randomBytes(8).toString("hex");
    const host = request.Opts.Domain || known || `${randomBytes(4).toString("hex")}.ngrok.test`;
    this.#hostsByTunnel.set(id, host);
    return { id, host, url: await this.#public.open(host), token: `token-${id}` };
  }
}

export function startNgrokServer(): Promise<NgrokServer> {
  return new NgrokServer().start();
}
