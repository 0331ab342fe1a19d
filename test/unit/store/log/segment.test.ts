import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Segment } from "../../../../src/store/log/segment.ts";
import { tempFolder } from "../../../support/temp.ts";

const CHUNK = Buffer.alloc(100_000, "x");
const MEGABYTE = 1024 * 1024;

describe.each([
  ["where a write brings its bytes to the disk", true],
  ["where a sync does that", false],
])("%s", (_where, syncsWrites) => {
  const open = () => {
    const folder = tempFolder();
    const file = join(folder, "0.1");
    return { file, segment: new Segment(folder, "0.1", syncsWrites), read: () => readFileSync(file) };
  };

  it("contains exactly what was written, followed by zeros", async () => {
    const { segment, read } = open();
    for (let count = 0; count < 50; count += 1) await segment.append(CHUNK);
    await segment.close();
    const [bytes, written] = [read(), Buffer.concat(Array(50).fill(CHUNK))];
    expect(segment.writtenTo).toBe(written.length);
    expect(bytes.subarray(0, written.length).equals(written)).toBe(true);
    expect(bytes.subarray(written.length).every((byte) => byte === 0)).toBe(true);
    expect(bytes.length % MEGABYTE).toBe(0);
  });

  it("allocates space for a write beyond the preallocated part", async () => {
    const { segment, read } = open();
    await segment.append(CHUNK);
    const large = Buffer.alloc(3 * MEGABYTE, "y");
    await segment.append(large);
    await segment.close();
    expect(
      read()
        .subarray(0, segment.writtenTo)
        .equals(Buffer.concat([CHUNK, large])),
    ).toBe(true);
  });

  it("may be closed again, and removed after that", async () => {
    const { file, segment } = open();
    await segment.append(CHUNK);
    await segment.close();
    await segment.close();
    segment.remove();
    expect(existsSync(file)).toBe(false);
  });
});
