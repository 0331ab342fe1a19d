import type { BodyContent } from "../contract.ts";
import { personalSpans } from "./json/personal.ts";

export const LINE_BYTES = 16;
const encoder = new TextEncoder();

export function bytesOf(body: BodyContent): Uint8Array {
  if (body.text !== undefined) return encoder.encode(body.text);
  return Uint8Array.from(atob(body.base64), (char) => char.charCodeAt(0));
}

/** For each byte of a text, whether it belongs to personal data. */
export function personalBytes(source: string): boolean[] {
  const marks: boolean[] = [];
  let at = 0;
  const add = (end: number, isPersonal: boolean) => {
    for (let left = encoder.encode(source.slice(at, end)).length; left > 0; left -= 1) marks.push(isPersonal);
    at = end;
  };
  for (const { start, end } of personalSpans(source)) {
    add(start, false);
    add(end, true);
  }
  add(source.length, false);
  return marks;
}

export function hexLine(bytes: Uint8Array, line: number, hidden?: readonly boolean[]) {
  const start = line * LINE_BYTES;
  const shown = [...bytes.subarray(start, start + LINE_BYTES)];
  const isHidden = (index: number) => hidden?.[start + index] === true;
  const pairs = shown.map((byte, index) => (isHidden(index) ? "··" : byte.toString(16).padStart(2, "0")));
  const padded = [...pairs, ...Array.from({ length: LINE_BYTES - shown.length }, () => "  ")];
  return {
    offset: start.toString(16).padStart(6, "0"),
    hex: `${padded.slice(0, 8).join(" ")}  ${padded.slice(8).join(" ")}`,
    text: shown
      .map((byte, index) => (isHidden(index) ? "•" : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."))
      .join(""),
  };
}

/** Encodes a text's bytes in base64, for a request. */
export function base64Of(text: string): string {
  let binary = "";
  for (const byte of encoder.encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
