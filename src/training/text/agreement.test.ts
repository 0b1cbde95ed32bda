import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { HeadLogits } from "../../calibration/calibration.js";
import type { Example } from "../../data/example.js";
import { measureAgreement } from "./agreement.js";

/** Logits that favour one class, and a PAD of one value. */
function answer(emotion: number, pad = 0): HeadLogits {
  const logits = new Float32Array(41);
  logits[emotion] = 5;
  return {
    emotion: logits,
    goemotions: new Float32Array(28),
    pad: new Float32Array(3).fill(pad),
    emobank: new Float32Array(3),
    readiness: new Float32Array(1),
    support: new Float32Array(6),
  };
}

const examples = [1, 2, 3, 4].map(
  (primary): Example => ({
    id: String(primary),
    text: "",
    split: "validation",
    emotion: { primary, also: [] },
  }),
);
const exact = [1, 2, 3, 4].map((emotion) => answer(emotion));

describe("agreement of a quantised model with the exact one", () => {
  test("with itself it is whole", () => {
    const { argmax, macroF1Difference, padLargestDifference, rows } = measureAgreement(
      examples,
      exact,
      exact,
    );
    assert.deepEqual([argmax, macroF1Difference, padLargestDifference, rows], [1, 0, 0, 4]);
  });

  test("another main emotion and another PAD count, in the direction quantised less exact", () => {
    const quantized = [answer(1, Math.log(3)), answer(2), answer(3), answer(1)];
    const agreement = measureAgreement(examples, quantized, exact);
    assert.equal(agreement.argmax, 0.75);
    assert.ok(
      Math.abs(agreement.macroF1Difference - ((2 / 3 + 1 + 1 + 0) / 4 - 1)) < 1e-12,
      `${agreement.macroF1Difference}`,
    );
    assert.ok(Math.abs((agreement.padLargestDifference ?? 0) - 0.25) < 1e-6);
    assert.ok(Math.abs((agreement.padMeanDifference ?? 0) - 0.25 / 4) < 1e-6);
  });
});
