import type { TLSSocket } from "node:tls";
import {
  proxyHead,
  refusal,
  STREAM_TYPE,
  type AuthRequest,
  type BindRequest,
  type Reply,
  type UnbindRequest,
} from "./messages.ts";
import { MuxSession } from "./mux-session.ts";
import type { MuxStream } from "./mux-stream.ts";
import { readJson, readType } from "./typed-stream.ts";

/** The service's decisions about an agent's requests. */
export interface Decisions {
  auth(request: AuthRequest): Reply;
  bind(request: BindRequest): Reply;
  /** The tunnel for an accepted request. */
  endpointFor(request: BindRequest): Promise<Endpoint>;
  unbound(request: UnbindRequest): void;
  isMute(): boolean;
}

export interface Endpoint {
  readonly id: string;
  readonly host: string;
  readonly url: string;
  readonly token: string;
}

/** One agent's connection: answers its requests, and forwards visits to it. */
export class AgentConnection {
  readonly socket: TLSSocket;
  readonly #session: MuxSession;
  readonly #decisions: Decisions;
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(socket: TLSSocket, decisions: Decisions) {
    this.socket = socket;
    this.#decisions = decisions;
    this.#session = new MuxSession(socket, (stream) => readType(stream, (type) => this.#serve(type, stream)));
  }

  /** A stream to the agent for one visitor, if this agent serves the host. */
  visit(host: string, clientAddr: string): MuxStream | undefined {
    const endpoint = [...this.#endpoints.values()].find((each) => each.host === host);
    return endpoint === undefined ? undefined : this.#session.open(proxyHead(endpoint.id, clientAddr));
  }

  #serve(type: number, stream: MuxStream): (bytes: Buffer) => void {
    const answer = (value: unknown) => stream.end(JSON.stringify(value));
    const replyWith = (reply: Reply, accept: () => void) => {
      if (reply === "accept") accept();
      else if (reply !== "hang") answer(refusal(reply));
    };
    switch (type) {
      case STREAM_TYPE.heartbeat:
        return (bytes) => {
          if (!this.#decisions.isMute()) stream.write(bytes);
        };
      case STREAM_TYPE.auth:
        return readJson((message) => {
          const request = message as AuthRequest;
          replyWith(this.#decisions.auth(request), () => {
            const id = request.ClientId || "client-1";
            answer({ Version: "3", ClientId: id, Extra: { Region: "test", Cookie: "cookie-1" } });
          });
        });
      case STREAM_TYPE.bind:
        return readJson((message) => {
          const request = message as BindRequest;
          replyWith(this.#decisions.bind(request), () => void this.#bind(request).then(answer));
        });
      case STREAM_TYPE.unbind:
        return readJson((message) => {
          const request = message as UnbindRequest;
          // The agent sends it twice.
          if (this.#endpoints.delete(request.Id)) this.#decisions.unbound(request);
          answer({});
        });
      default:
        return () => {};
    }
  }

  async #bind(request: BindRequest): Promise<unknown> {
    const endpoint = await this.#decisions.endpointFor(request);
    this.#endpoints.set(endpoint.id, endpoint);
    return {
      Id: endpoint.id,
      URL: endpoint.url,
      Proto: request.Proto,
      Opts: { ...request.Opts, Hostname: endpoint.host },
      Extra: { Token: endpoint.token },
    };
  }
}
