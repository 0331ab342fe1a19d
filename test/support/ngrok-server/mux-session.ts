import type { TLSSocket } from "node:tls";
import { encodeFrame, FLAG, FRAME, FrameReader, hasFlag, uint32, type Frame } from "./frames.ts";
import { MuxStream } from "./mux-stream.ts";

const FIRST_CLIENT_STREAM = 3;
const REASON_CANCELLED = 6;

/** The server's side of a muxado session over one connection of an agent. */
export class MuxSession {
  readonly #socket: TLSSocket;
  readonly #streams = new Map<number, MuxStream>();
  readonly #onStream: (stream: MuxStream) => void;
  #nextId = 2;

  constructor(socket: TLSSocket, onStream: (stream: MuxStream) => void) {
    this.#socket = socket;
    this.#onStream = onStream;
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      // The agent uses Nagle's algorithm: a frame without effect carries the ACK that it waits for.
      this.#send(FRAME.windowIncrement, 0, FIRST_CLIENT_STREAM, uint32(0));
      for (const frame of reader.read(chunk)) this.#take(frame);
    });
    socket.on("close", () => {
      for (const stream of this.#streams.values()) stream.destroy();
    });
  }

  /** Opens a stream to the agent; its first bytes are part of the opening frame. */
  open(firstBytes: Buffer): MuxStream {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#send(FRAME.data, FLAG.syn, id, firstBytes);
    return this.#add(id, firstBytes.length);
  }

  #add(id: number, bytesSent: number): MuxStream {
    const stream = new MuxStream({
      sendData: (body, isLast) => this.#send(FRAME.data, isLast ? FLAG.fin : 0, id, body),
      sendWindowIncrement: (bytes) => this.#send(FRAME.windowIncrement, 0, id, uint32(bytes)),
      sendReset: () => this.#send(FRAME.reset, 0, id, uint32(REASON_CANCELLED)),
      forget: () => this.#streams.delete(id),
    });
    stream.widen(-bytesSent);
    // A broken stream ends one visit, which its user notices; it must not end the server.
    stream.on("error", () => {});
    this.#streams.set(id, stream);
    return stream;
  }

  #take(frame: Frame): void {
    if (frame.type === FRAME.data && hasFlag(frame, FLAG.syn)) {
      const stream = this.#add(frame.streamId, 0);
      this.#onStream(stream);
      stream.deliver(frame.body, hasFlag(frame, FLAG.fin));
      return;
    }
    const stream = this.#streams.get(frame.streamId);
    if (frame.type === FRAME.data) stream?.deliver(frame.body, hasFlag(frame, FLAG.fin));
    else if (frame.type === FRAME.windowIncrement) stream?.widen(frame.body.readUInt32BE(0));
    else if (frame.type === FRAME.reset) stream?.destroy(new Error("the agent reset the stream"));
  }

  #send(type: number, flags: number, streamId: number, body: Buffer): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame({ type, flags, streamId, body }));
  }
}
