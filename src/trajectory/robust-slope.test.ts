import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { estimateSlope } from "./robust-slope.js";

const places = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Slopes cut off at each end of the interval, seen from outside: 2ⁱ has pairwise slopes that all differ. */
function countCut(n: number): number {
  const values = places(n).map((i) => 2 ** i);
  const slopes = values.flatMap((v, j) => values.slice(0, j).map((u, i) => (v - u) / (j - i)));
  return slopes.filter((slope) => slope < estimateSlope(places(n), values).low).length;
}

test("the interval is cut where Kendall's table says", () => {
  // P(d ≤ 0) = 1/24 for n = 4 is over .025; n = 5: 1/120; n = 6: 6/720, and 20/720 is over.
  assert.equal(estimateSlope(places(4), [1, 2, 3, 4]).low, Number.NEGATIVE_INFINITY);
  assert.equal(estimateSlope(places(4), [1, 2, 3, 4]).high, Number.POSITIVE_INFINITY);
  assert.deepEqual([5, 6].map(countCut), [0, 1]);
  // Kendall 1970, table 1: n = 10, P(S ≥ 23) = .023, P(S ≥ 21) = .036; S = 45 − 2d.
  assert.equal(countCut(10), 11);
});

test("beyond the exact table the normal cut goes on where it ends", () => {
  const [exact, normal] = [countCut(40), countCut(41)];
  assert.ok(normal > exact);
  const line = (n: number) =>
    estimateSlope(
      places(n),
      places(n).map((i) => i + 3 * Math.sin(i * i)),
    );
  const [before, after] = [line(64), line(65)];
  assert.ok(Math.abs(before.high - before.low - (after.high - after.low)) < 0.01);
});

test("outliers and a long gap do not bend it", () => {
  const times = [0, 1, 2, 3, 4, 5, 6, 7, 1000];
  const values = [0, 1, 2, 3, 50, 5, 6, -40, 8];
  const { slope, low, high } = estimateSlope(times.slice(0, 8), values.slice(0, 8));
  assert.equal(slope, 1);
  assert.ok(low <= 1 && high >= 1);
  assert.ok(Math.abs(estimateSlope(times, values).slope) < 1.01);
});

test("pairs of the same time say nothing; without another there is no slope", () => {
  assert.deepEqual(estimateSlope([3, 3, 3], [1, 2, 9]), {
    slope: 0,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
  });
  assert.equal(estimateSlope([0, 0, 1, 1, 2, 2], [5, 5, 6, 6, 7, 7]).slope, 1);
  assert.deepEqual(estimateSlope([], []), estimateSlope([3, 3], [1, 2]));
});

test("moves with the scales of time and value", () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 200 }), fc.integer({ min: -50, max: 50 }));
  fc.assert(
    fc.property(
      fc.array(point, { minLength: 2, maxLength: 25 }),
      fc.integer({ min: 1, max: 8 }),
      (points, k) => {
        points.sort(([a], [b]) => a - b);
        const times = points.map(([time]) => time);
        const values = points.map(([, value]) => value);
        const { slope, low, high } = estimateSlope(times, values);
        assert.ok(low <= slope && slope <= high);
        const scaled = estimateSlope(
          times.map((time) => 9 + time / 2),
          values.map((value) => 7 - k * value),
        );
        for (const [got, want] of [
          [scaled.slope, -2 * k * slope],
          [scaled.low, -2 * k * high],
          [scaled.high, -2 * k * low],
        ] as const) {
          assert.ok(got === want || Math.abs(got - want) < 1e-9);
        }
      },
    ),
  );
});
