import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bestThreshold, fitThresholds } from "./thresholds.js";

function f1At(probabilities: readonly number[], holds: readonly boolean[], threshold: number): number {
  const hits = probabilities.filter((p, i) => p >= threshold && holds[i]).length;
  const predicted = probabilities.filter((p) => p >= threshold).length;
  return (2 * hits) / (predicted + holds.filter(Boolean).length);
}

const rows = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
    fc.boolean(),
  ),
  {
    minLength: 1,
    maxLength: 30,
  },
);

describe("bestThreshold", () => {
  test("no threshold does better, by brute force", () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const probabilities = pairs.map(([p]) => p);
        const holds = pairs.map(([, h]) => h);
        const best = bestThreshold(probabilities, holds);
        if (!holds.includes(true)) return best === undefined;
        const candidates = [...probabilities, 1.01].map((p) => f1At(probabilities, holds, p));
        // What it reports is also what its threshold really gives.
        return (
          best !== undefined &&
          Math.abs(best.f1 - Math.max(...candidates)) < 1e-12 &&
          Math.abs(f1At(probabilities, holds, best.threshold) - best.f1) < 1e-12
        );
      }),
    );
  });

  test("lies midway between what it separates", () => {
    assert.deepEqual(bestThreshold([0.9, 0.8, 0.4, 0.1], [true, true, false, false]), {
      threshold: (0.8 + 0.4) / 2,
      f1: 1,
    });
  });
});

describe("fitThresholds", () => {
  // Label 0: 60 positives, separable at .3. Label 1: two positives, separable at .9. Label 2: none.
  const data = Array.from({ length: 200 }, (_, i) => ({
    probabilities: [i < 60 ? 0.35 : 0.25, i < 2 ? 0.95 : 0.85, 0.01],
    truths: [...(i < 60 ? [0] : []), ...(i < 2 ? [1] : [])],
  }));
  const { perLabel, global } = fitThresholds(data);

  test("the single threshold is the macro-optimal one", () => {
    // Only above .85 is label 1 told apart (1 of 3), and only from .26 to .35 label 0; at .86 label 0 is lost.
    // Macro-F1: at .26 to .35 (1 + 2·2/202 + 0)/3, at .86 to .95 (0 + 1 + 0)/3: the first is better.
    assert.equal(global, 0.26);
  });

  test("a common label has nearly its own threshold, a rare one is pulled to the global", () => {
    assert.ok(Math.abs((perLabel[0] as number) - (0.75 * 0.3 + 0.25 * 0.26)) < 1e-9);
    assert.ok(Math.abs((perLabel[1] as number) - ((2 / 22) * 0.9 + (20 / 22) * 0.26)) < 1e-9);
  });

  test("a label without positives takes the global threshold", () => assert.equal(perLabel[2], global));

  test("no rows and probabilities that are none are refused", () => {
    assert.throws(() => fitThresholds([]), { code: "DATA_INVALID" });
    for (const bad of [Number.NaN, 1.2, -0.1]) {
      assert.throws(() => fitThresholds([{ probabilities: [0.5, bad], truths: [] }]), {
        code: "DATA_INVALID",
        message: /label 1 in row 0/,
      });
    }
  });
});
