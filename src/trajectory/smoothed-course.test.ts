import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Random } from "../base/random.js";
import { smoothCourse } from "./smoothed-course.js";

const places = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test("a level without change is its mean, however noisy the readings", () => {
  const random = Random.seeded(3);
  const values = places(60).map(() => 0.5 + 0.1 * random.normal());
  const course = smoothCourse(places(60), values);
  for (const { level, low, high } of course) {
    assert.ok(Math.abs(level - 0.5) < 0.08);
    assert.ok(low < level && level < high);
  }
});

test("the band holds a wandering level about as often as it says, and one odd reading hardly moves it", () => {
  const random = Random.seeded(5);
  let held = 0;
  const total = 100;
  for (let run = 0; run < total; run++) {
    let truth = 0.5;
    const truths = places(40).map(() => (truth += 0.04 * random.normal()));
    const values = truths.map((level) => level + 0.08 * random.normal());
    const middle = smoothCourse(places(40), values)[20];
    if (middle !== undefined && middle.low <= (truths[20] as number) && (truths[20] as number) <= middle.high)
      held++;
  }
  assert.ok(held >= 82, `${held} of ${total}`);
  const calm = places(21).map((i) => 0.4 + 0.01 * (i % 3));
  const odd = calm.with(10, 0.95);
  const moved = smoothCourse(places(21), odd)[10]?.level as number;
  assert.ok(moved < 0.42, `${moved}`);
});

test("after a long gap the level is freer than after a short one", () => {
  const values = [0.2, 0.22, 0.19, 0.2, 0.21, 0.8, 0.79, 0.81, 0.8, 0.78];
  const even = smoothCourse(places(10), values);
  const gapped = smoothCourse(
    places(10).map((i) => (i < 5 ? i : i + 50)),
    values,
  );
  const step = (course: typeof even): number => (course[5]?.level as number) - (course[4]?.level as number);
  assert.ok(step(gapped) > step(even) + 0.02, `${step(gapped)} against ${step(even)}`);
});

test("backwards in time the course is the same, backwards", () => {
  const values = [0.2, 0.5, 0.45, 0.1, 0.6, 0.8, 0.7, 0.75];
  const times = [0, 1, 3, 4, 9, 10, 12, 13];
  const forwards = smoothCourse(times, values);
  const backwards = smoothCourse(times.map((time) => 13 - time).reverse(), values.toReversed()).reverse();
  forwards.forEach(({ level, low }, i) => {
    assert.ok(Math.abs(level - (backwards[i]?.level as number)) < 1e-9);
    assert.ok(Math.abs(low - (backwards[i]?.low as number)) < 1e-9);
  });
});

test("any readings at any times give finite levels within their range", () => {
  const reading = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10 }));
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 12 }), (readings) => {
      readings.sort(([a], [b]) => a - b);
      const values = readings.map(([, value]) => value / 10);
      const course = smoothCourse(
        readings.map(([at]) => at),
        values,
      );
      assert.equal(course.length, values.length);
      for (const { level, low, high } of course) {
        assert.ok(Number.isFinite(low) && Number.isFinite(high));
        assert.ok(level >= Math.min(...values) - 1e-9 && level <= Math.max(...values) + 1e-9);
      }
    }),
  );
});
