import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A key and a self-signed certificate for loopback, both as PEM. */
export interface LoopbackCertificate {
  readonly keyPem: string;
  readonly certPem: string;
}

const OID = {
  commonName: "2.5.4.3",
  subjectAltName: "2.5.29.17",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

const ONE_DAY_MS = 86_400_000;

/** Properties of an invalid certificate. Times in Unix milliseconds. */
export interface CertificateWish {
  readonly host?: string;
  readonly startsAt?: number;
  readonly endsAt?: number;
}

/**
 * Creates an ECDSA P-256 leaf certificate for 127.0.0.1 and localhost. It is not a CA: rustls accepts a trusted leaf,
 * but rejects a CA certificate that a server presents as its own.
 */
export function makeLoopbackCertificate(wanted: CertificateWish = {}): LoopbackCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const name = sequence(set(sequence(oid(OID.commonName), utf8("ngrok test server"))));
  const now = Date.now();
  const altNames = sequence(
    der(0x82, Buffer.from(wanted.host ?? "localhost")), // [2] dNSName
    ...(wanted.host === undefined ? [der(0x87, Buffer.from([127, 0, 0, 1]))] : []), // [7] iPAddress
  );
  const toBeSigned = sequence(
    der(0xa0, integer(Buffer.from([2]))), // [0] version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    name,
    sequence(utcTime(wanted.startsAt ?? now - ONE_DAY_MS), utcTime(wanted.endsAt ?? now + 30 * ONE_DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(sequence(oid(OID.subjectAltName), octets(altNames)))), // [3] extensions
  );
  const certificate = sequence(toBeSigned, algorithm, bits(sign("sha256", toBeSigned, privateKey)));
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certPem: `-----BEGIN CERTIFICATE-----\n${wrap(certificate.toString("base64"))}\n-----END CERTIFICATE-----\n`,
  };
}

/** One tag-length-value of DER. */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, Math.floor(length / 0x100), length % 0x100];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), value]);
}

const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const set = (...parts: Buffer[]) => der(0x31, Buffer.concat(parts));
const integer = (bytes: Buffer) => der(0x02, bytes);
const octets = (bytes: Buffer) => der(0x04, bytes);
const bits = (bytes: Buffer) => der(0x03, Buffer.concat([Buffer.from([0]), bytes]));
const utf8 = (text: string) => der(0x0c, Buffer.from(text));

function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/\D/g, "");
  return der(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** The first two numbers share a byte; the others are written in base 128, high bit set on all but the last byte. */
function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part % 128];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) + 128);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

function wrap(base64: string): string {
  return base64.replace(/(.{64})(?!$)/g, "$1\n");
}
