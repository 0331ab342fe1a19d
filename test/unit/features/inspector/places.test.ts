import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Places } from "../../../../src/features/inspector/places.ts";

it("places are counted and found as in a sorted list", () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 60 });
  const asked = fc.record({
    upTo: fc.integer({ min: 0, max: 30_000 }),
    offset: fc.integer({ min: 0, max: 70 }),
    limit: fc.integer({ min: 0, max: 70 }),
  });
  fc.assert(
    fc.property(numbers, numbers, asked, (added, removed, { upTo, offset, limit }) => {
      const places = new Places();
      for (const place of added) places.set(place, true);
      for (const place of removed) places.set(place, false);
      const left = [...new Set(added)]
        .filter((place) => !removed.includes(place))
        .toSorted((one, other) => other - one);
      const reached = left.filter((place) => place <= upTo);
      expect(places.size).toBe(left.length);
      expect(places.countTo(upTo)).toBe(reached.length);
      expect(places.find(upTo, offset, limit)).toEqual(reached.slice(offset, offset + limit));
    }),
  );
});
