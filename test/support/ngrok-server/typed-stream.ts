import type { MuxStream } from "./mux-stream.ts";

const TYPE_BYTES = 4;

/** Reads a stream's type, then passes the stream and every byte after the type, in any chunks. */
export function readType(stream: MuxStream, onType: (type: number) => (bytes: Buffer) => void): void {
  let seen = Buffer.alloc(0);
  let onBytes: ((bytes: Buffer) => void) | undefined;
  stream.on("data", (chunk: Buffer) => {
    if (onBytes !== undefined) return onBytes(chunk);
    seen = Buffer.concat([seen, chunk]);
    if (seen.length < TYPE_BYTES) return;
    onBytes = onType(seen.readUInt32BE(0));
    if (seen.length > TYPE_BYTES) onBytes(seen.subarray(TYPE_BYTES));
  });
}

/** Collects one JSON object. The agent neither ends the stream nor sends the object's length. */
export function readJson(onValue: (value: unknown) => void): (bytes: Buffer) => void {
  let text = "";
  let isRead = false;
  return (bytes) => {
    text += bytes.toString();
    if (isRead) return;
    let value: unknown;
    try {
      value = JSON.parse(text) as unknown;
    } catch {
      return;
    }
    isRead = true;
    onValue(value);
  };
}
