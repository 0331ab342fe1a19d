import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** The key that a team shares. The database never sees it. */
export interface TeamKey {
  /** The first 8 hex digits of the key's hash: it names the key, and says nothing else about it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** Where sealed bytes belong. Bytes moved to another place cannot be opened. */
export interface SealPlace {
  /** The identity of the log. */
  readonly log: string;
  /** The ID of the delivery, or the name of another sealed value. */
  readonly id: string;
}

/** Sealed bytes that were altered, moved, or sealed with another key. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The first byte of sealed bytes: AES-256-GCM. */
const FORM = 1;
/** The first byte of what is encrypted. */
const [STORED, DEFLATED] = [0, 1];
/** Only a member can seal a record that expands beyond what a request can contain. */
const MAX_PLAIN_BYTES = 256 * 1024 * 1024;

export function newTeamKey(): TeamKey {
  return teamKey(randomBytes(KEY_BYTES));
}

/** Throws `RangeError` for bytes that are not a key. */
export function teamKey(bytes: Buffer): TeamKey {
  if (bytes.length !== KEY_BYTES) throw new RangeError(`a team key has ${KEY_BYTES} bytes`);
  const id = createHash("sha256").update("bluum-hooks team key").update(bytes).digest("hex").slice(0, 8);
  return { id, bytes };
}

/** Compresses if that helps, and encrypts: form ‖ nonce ‖ ciphertext ‖ tag. */
export function seal(plain: Buffer, key: TeamKey, place: SealPlace): Buffer {
  const deflated = deflateRawSync(plain);
  const [how, bytes] = deflated.length < plain.length ? [DEFLATED, deflated] : [STORED, plain];
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce).setAAD(boundTo(place));
  const parts = [Buffer.of(FORM), nonce, cipher.update(Buffer.of(how)), cipher.update(bytes), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

/** The bytes that were sealed for this place. Throws `SealBroken`. */
export function unseal(sealed: Buffer, key: TeamKey, place: SealPlace): Buffer {
  const end = sealed.length - TAG_BYTES;
  if (sealed[0] !== FORM || end < 1 + NONCE_BYTES + 1) throw new SealBroken("the sealed bytes have an unknown form");
  try {
    const decipher = createDecipheriv("aes-256-gcm", key.bytes, sealed.subarray(1, 1 + NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(boundTo(place))
      .setAuthTag(sealed.subarray(end));
    const plain = Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, end)), decipher.final()]);
    const content = plain.subarray(1);
    if (plain[0] === STORED) return content;
    if (plain[0] !== DEFLATED) throw new Error("the content has an unknown form");
    return inflateRawSync(content, { maxOutputLength: MAX_PLAIN_BYTES });
  } catch (error) {
    throw new SealBroken(error instanceof Error ? error.message : String(error));
  }
}

function boundTo({ log, id }: SealPlace): Buffer {
  return Buffer.from(`${log}\n${id}`);
}
