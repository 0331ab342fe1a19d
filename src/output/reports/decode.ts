import { once } from "node:events";
import type { Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import type { HeaderPair } from "../../core/delivery.ts";

/** A few bytes can be made to decode to gigabytes; nobody reads on behind this. */
const MAX_DECODED_BYTES = 1024 * 1024;
/** More codings on top of each other than this is no honest body. */
const MAX_CODINGS = 4;

export interface DecodedBody {
  readonly bytes: Buffer;
  /** The codings that were taken off, the outermost first. */
  readonly codings: readonly string[];
  /** Why there may be more than this, or why it is not what was meant. */
  readonly problem?: string;
}

/**
 * A body without its content codings (gzip, deflate, br), as far as it goes: of one that was cut off, or is damaged,
 * comes what can be had. Never throws.
 */
export async function decodeBody(body: Buffer, headers: readonly HeaderPair[]): Promise<DecodedBody> {
  const declared = headers
    .filter(([name]) => name.toLowerCase() === "content-encoding")
    .flatMap(([, value]) => value.split(","))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity")
    .toReversed();
  if (declared.length > MAX_CODINGS) return { bytes: body, codings: [], problem: "encoded too many times over" };
  let bytes = body;
  const codings: string[] = [];
  for (const coding of body.length === 0 ? [] : declared) {
    const decoder = decoderOf(coding, bytes);
    if (decoder === undefined) return { bytes, codings, problem: `encoded as ${coding}, which cannot be read here` };
    const { decoded, problem } = await run(decoder, bytes);
    if (decoded.length === 0 && problem !== undefined) return { bytes, codings, problem: `not valid ${coding}` };
    bytes = decoded;
    codings.push(coding);
    if (problem !== undefined) return { bytes, codings, problem };
  }
  return { bytes, codings };
}

function decoderOf(coding: string, bytes: Buffer): Transform | undefined {
  // Flushing at the end, instead of finishing, gives what a body that was cut off still holds.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip(lenient);
    case "deflate":
      // Meant is the zlib format; some senders leave its two bytes of header away.
      return isZlib(bytes) ? createInflate(lenient) : createInflateRaw(lenient);
    case "br":
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
}

function isZlib(bytes: Buffer): boolean {
  return bytes.length >= 2 && ((bytes[0] ?? 0) & 0x0f) === 8 && bytes.readUInt16BE(0) % 31 === 0;
}

async function run(decoder: Transform, bytes: Buffer): Promise<{ decoded: Buffer; problem?: string }> {
  const chunks: Buffer[] = [];
  let length = 0;
  let problem: string | undefined;
  decoder.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= MAX_DECODED_BYTES) return;
    problem = `only the first ${MAX_DECODED_BYTES} bytes are shown`;
    decoder.destroy();
  });
  decoder.on("error", () => (problem ??= "damaged from here on"));
  const closed = once(decoder, "close").catch(() => {});
  decoder.end(bytes);
  await closed;
  const decoded = Buffer.concat(chunks).subarray(0, MAX_DECODED_BYTES);
  return problem === undefined ? { decoded } : { decoded, problem };
}
