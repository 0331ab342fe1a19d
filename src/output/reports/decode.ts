import { once } from "node:events";
import type { Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import type { HeaderPair } from "../../core/delivery.ts";

/** A few bytes can decode to gigabytes; the rest is not needed. */
const MAX_DECODED_BYTES = 1024 * 1024;
/** More nested codings than this are malicious. */
const MAX_CODINGS = 4;

export interface DecodedBody {
  readonly bytes: Buffer;
  /** The removed codings, the outermost first. */
  readonly codings: readonly string[];
  /** Why the result may be incomplete or wrong. */
  readonly problem?: string;
}

/**
 * Removes the content codings of a body (gzip, deflate, br) as far as possible: of a truncated or damaged one the
 * readable part is returned. Never throws.
 */
export async function decodeBody(body: Buffer, headers: readonly HeaderPair[]): Promise<DecodedBody> {
  const declared = headers
    .filter(([name]) => name.toLowerCase() === "content-encoding")
    .flatMap(([, value]) => value.split(","))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity")
    .toReversed();
  if (declared.length > MAX_CODINGS) return { bytes: body, codings: [], problem: "encoded too many times" };
  let bytes = body;
  const codings: string[] = [];
  for (const coding of body.length === 0 ? [] : declared) {
    const decoder = decoderOf(coding, bytes);
    if (decoder === undefined) return { bytes, codings, problem: `encoded as ${coding}, which is not supported` };
    const { decoded, problem } = await run(decoder, bytes);
    if (decoded.length === 0 && problem !== undefined) return { bytes, codings, problem: `not valid ${coding}` };
    bytes = decoded;
    codings.push(coding);
    if (problem !== undefined) return { bytes, codings, problem };
  }
  return { bytes, codings };
}

function decoderOf(coding: string, bytes: Buffer): Transform | undefined {
  // Flushing at the end, instead of finishing, returns the data of a truncated body.
  const lenient = { finishFlush: constants.Z_SYNC_FLUSH };
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip(lenient);
    case "deflate":
      // The zlib format is meant; some senders omit its two-byte header.
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
