import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Segment } from "../../../../src/store/log/segment.ts";
import { tempFolder } from "../../../support/temp.ts";

const CHUNK = Buffer.alloc(100_000, "x");
const MEGABYTE = 1024 * 1024;

it("what is written never meets the zeros that are written ahead of it", async () => {
  const folder = tempFolder();
  const segment = new Segment(folder, "0.1");
  // Within one turn, so that the file cannot become larger meanwhile.
  let count = 0;
  for (; count < 100 && segment.hasRoomFor(CHUNK.length); count += 1) segment.write(CHUNK);
  await segment.close();
  const bytes = readFileSync(join(folder, "0.1"));
  expect(bytes.subarray(0, segment.writtenTo).equals(Buffer.concat(Array(count).fill(CHUNK)))).toBe(true);
  expect(bytes.subarray(segment.writtenTo).every((byte) => byte === 0)).toBe(true);
  expect(count).toBe(Math.floor(MEGABYTE / CHUNK.length));
});

it("there is room again once the file has become larger", async () => {
  const folder = tempFolder();
  const segment = new Segment(folder, "0.1");
  for (let count = 0; count < 50; count += 1) {
    while (!segment.hasRoomFor(CHUNK.length)) await new Promise((resolve) => setImmediate(resolve));
    segment.write(CHUNK);
  }
  await segment.close();
  const bytes = readFileSync(join(folder, "0.1"));
  expect(bytes.subarray(0, segment.writtenTo).equals(Buffer.concat(Array(50).fill(CHUNK)))).toBe(true);
  expect(bytes.length % MEGABYTE).toBe(0);
});
