import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { headSizes } from "../base/head.js";
import type { HeadLogits } from "../calibration/calibration.js";
import { sigmoid, softmax } from "../calibration/probability.js";
import { poolVectors, poolWindows } from "./pooling.js";

const temperatures = { emotion: 1.7, goemotions: 0.8, support: 1.2 };
const row = (size: number) =>
  fc
    .array(fc.float({ min: -12, max: 12, noNaN: true }), { minLength: size, maxLength: size })
    .map((values) => Float32Array.from(values));
const logits: fc.Arbitrary<HeadLogits> = fc.record({
  emotion: row(headSizes.emotion),
  goemotions: row(headSizes.goemotions),
  pad: row(headSizes.pad),
  emobank: row(headSizes.emobank),
  readiness: row(headSizes.readiness),
  support: row(headSizes.support),
});

const close = (got: ArrayLike<number>, want: ArrayLike<number>): void => {
  assert.equal(got.length, want.length);
  for (let i = 0; i < got.length; i++) assert.ok(Math.abs((got[i] as number) - (want[i] as number)) < 1e-5);
};

describe("poolWindows", () => {
  test("calibrated probabilities of the whole are the weighted mean of the windows'", () => {
    fc.assert(
      fc.property(logits, logits, fc.integer({ min: 1, max: 50 }), (a, b, weight) => {
        const pooled = poolWindows([a, b], [weight, 50], temperatures);
        const mean = (p: Float64Array, q: Float64Array) =>
          p.map((value, i) => (weight * value + 50 * (q[i] as number)) / (weight + 50));
        close(softmax(pooled.emotion, 1.7), mean(softmax(a.emotion, 1.7), softmax(b.emotion, 1.7)));
        close(sigmoid(pooled.goemotions, 0.8), mean(sigmoid(a.goemotions, 0.8), sigmoid(b.goemotions, 0.8)));
        close(softmax(pooled.support, 1.2), mean(softmax(a.support, 1.2), softmax(b.support, 1.2)));
        for (const head of ["pad", "emobank", "readiness"] as const) {
          close(sigmoid(pooled[head]), mean(sigmoid(a[head]), sigmoid(b[head])));
        }
      }),
    );
  });

  test("one window is not touched, and saturated windows stay finite", () => {
    const [one] = fc.sample(logits, { numRuns: 1, seed: 1 }) as [HeadLogits];
    assert.equal(poolWindows([one], [3], temperatures), one);
    const extreme = {
      ...one,
      pad: Float32Array.of(1000, -1000, 0),
      emotion: one.emotion.map((_, i) => i * 500),
    };
    const pooled = poolWindows([extreme, extreme], [1, 1], temperatures);
    for (const head of ["pad", "emotion"] as const) assert.ok(pooled[head].every(Number.isFinite));
    close(sigmoid(pooled.pad), [1, 0, 0.5]);
  });
});

describe("poolVectors", () => {
  test("the vector of a long text is the mean of its windows' by tokens; one window is left as it is", () => {
    close(poolVectors([Float32Array.of(1, 4), Float32Array.of(5, 0)], [1, 3]), [4, 1]);
    const only = Float32Array.of(1, 2);
    assert.equal(poolVectors([only], [7]), only);
  });
});
