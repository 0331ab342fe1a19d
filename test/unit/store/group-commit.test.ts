import { expect, it } from "vitest";
import { AppError } from "../../../src/core/errors.ts";
import { GroupCommit } from "../../../src/store/group-commit.ts";

function recording(options: { failing?: () => boolean } = {}) {
  const groups: number[] = [];
  let count = 0;
  const group = new GroupCommit({
    transaction(work) {
      count = 0;
      work();
      if (options.failing?.() === true) throw new Error("no room");
      groups.push(count);
    },
    failure: (error) => new AppError("store_unavailable", (error as Error).message),
  });
  const write = () => (count += 1);
  return { group, groups, write };
}

it("writes of one moment share one commit", async () => {
  const { group, groups, write } = recording();
  await Promise.all(Array.from({ length: 50 }, () => group.add(write)));
  expect(groups).toEqual([50]);
});

it("a lone write is committed without waiting for others", async () => {
  const { group, groups, write } = recording();
  await group.add(write);
  await group.add(write);
  expect(groups).toEqual([1, 1]);
});

it("a flood is cut into groups, so that the first is not kept waiting for the last", async () => {
  const { group, groups, write } = recording();
  await Promise.all(Array.from({ length: 600 }, () => group.add(write)));
  expect(groups.length).toBeGreaterThan(1);
  expect(groups.reduce((sum, count) => sum + count)).toBe(600);
});

it("a write gets its own result", async () => {
  const { group } = recording();
  expect(await Promise.all([1, 2, 3].map((value) => group.add(() => value * 10)))).toEqual([10, 20, 30]);
});

it("a flush without anything to write does nothing", async () => {
  const { group, groups } = recording();
  await group.flush();
  expect(groups).toEqual([]);
});

it("what nobody waits for is written even if nobody else writes", async () => {
  const { group, groups, write } = recording();
  group.addUnattended(write);
  await group.flush();
  expect(groups).toEqual([1]);
});

it("unattended writes kept through a long failure stay few", async () => {
  let failing = true;
  const { group, groups, write } = recording({ failing: () => failing });
  for (let round = 0; round < 60; round += 1) {
    for (let count = 0; count < 255; count += 1) group.addUnattended(write);
    await expect(group.flush()).rejects.toMatchObject({ code: "store_unavailable" });
  }
  failing = false;
  await group.flush();
  const written = groups.reduce((sum, count) => sum + count);
  expect(written).toBeGreaterThan(9_000);
  expect(written).toBeLessThanOrEqual(10_256);
});
