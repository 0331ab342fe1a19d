import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import { AppError } from "../../../../src/core/errors.ts";
import { DeliveryLog } from "../../../../src/store/log/delivery-log.ts";
import { ALL_READABLE } from "../../../../src/store/log/scan.ts";
import { Segment } from "../../../../src/store/log/segment.ts";
import { tempFolder } from "../../../support/temp.ts";
import { delivery, typesOf } from "./support.ts";

/** How many bytes it still accepts, and whether it reports a loss. */
const disk = vi.hoisted(() => {
  // Other test files ran in this process: their modules write to the real disk.
  vi.resetModules();
  return { room: Infinity, failsToSync: false };
});
afterAll(() => void vi.resetModules());

vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  const { promisify } = await import("node:util");
  const failing = (code: string) => Object.assign(new Error(code), { code });
  /** In the form that `promisify` expects. */
  const instead = (call: unknown) => Object.assign(() => {}, { [promisify.custom]: call });
  return {
    ...fs,
    write: instead(async (fd: number, bytes: Buffer, at: number, length: number, position: number) => {
      const taken = Math.min(length, disk.room);
      disk.room -= taken;
      if (taken === 0) throw failing("ENOSPC");
      return promisify(fs.write)(fd, bytes, at, taken, position);
    }),
    fdatasync: instead(async (fd: number) => {
      if (disk.failsToSync) throw failing("EIO");
      await promisify(fs.fdatasync)(fd);
    }),
  };
});

beforeEach(() => Object.assign(disk, { room: Infinity, failsToSync: false }));

const CHUNK = Buffer.alloc(100_000, "x");
const OTHER = Buffer.alloc(100_000, "y");

it.each([
  ["where a write brings its bytes to the disk", true],
  ["where a sync does that", false],
])("nothing is left of a write with only half the space, %s", async (_where, syncsWrites) => {
  const folder = tempFolder();
  const segment = new Segment(folder, "0.1", syncsWrites);
  const read = () => readFileSync(join(folder, "0.1"));
  await segment.append(CHUNK);
  disk.room = OTHER.length / 2;
  await expect(segment.append(OTHER)).rejects.toMatchObject({ code: "ENOSPC" });
  expect(read().equals(CHUNK)).toBe(true);
  disk.room = Infinity;
  await segment.append(Buffer.from("z"));
  await segment.close();
  expect(
    read()
      .subarray(0, segment.writtenTo)
      .equals(Buffer.concat([CHUNK, Buffer.from("z")])),
  ).toBe(true);
  expect(
    read()
      .subarray(segment.writtenTo)
      .every((byte) => byte === 0),
  ).toBe(true);
});

it("a write that a sync cannot complete is undone", async () => {
  const folder = tempFolder();
  const segment = new Segment(folder, "0.1", false);
  await segment.append(CHUNK);
  disk.failsToSync = true;
  await expect(segment.append(OTHER)).rejects.toMatchObject({ code: "EIO" });
  await segment.close();
  expect(readFileSync(join(folder, "0.1")).equals(CHUNK)).toBe(true);
});

it("a full disk refuses deliveries; the notes wait, and are written first once there is space", async () => {
  const folder = tempFolder();
  const log = new DeliveryLog({
    folder,
    claim: async () => "0_test",
    startRunner: () => ({
      step: async (_name, { end }) => ({
        position: end,
        places: [],
        refused: 0,
        unreadable: ALL_READABLE,
      }),
      seal: async () => ALL_READABLE,
      forget: async () => {},
      close: async () => {},
    }),
    onIndexed: () => {},
    onDamaged: () => {},
    onUnverified: () => {},
    onStuck: () => {},
    failure: (error) => new AppError("store_unavailable", (error as Error).message),
  });
  onTestFinished(() => log.close());
  const accept = (id: string) => log.accept(delivery(id));
  await accept("dlv_1");
  log.answered("dlv_1", { status: 200, durationMs: 1 });
  disk.room = 10;
  const refusal = { code: "store_unavailable", message: "ENOSPC" };
  for (const id of ["dlv_2", "dlv_3", "dlv_4"]) await expect(accept(id)).rejects.toMatchObject(refusal);
  await expect(log.caughtUp()).rejects.toMatchObject(refusal);
  disk.room = Infinity;
  await accept("dlv_5");
  await log.caughtUp();
  const types = readdirSync(folder).flatMap((file) => typesOf(join(folder, file)));
  // The first file was abandoned after the failure, indexed and deleted; the second one was retried until there was
  // space.
  expect(readdirSync(folder)).toEqual(["0_test.2.log"]);
  expect(types).toEqual(["answers", "delivery"]);
});
