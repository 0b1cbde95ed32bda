import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../base/random.js";
import { measureEce, measureEceFloor, measureReliability, type Outcome } from "./ece.js";
import { selectiveAccuracy, traceRiskCoverage } from "./selective.js";
import { fitUncertainty } from "./uncertainty.js";

/** Outcomes that are right with probability `truth(confidence)`. */
function drawOutcomes(count: number, truth: (confidence: number) => number, seed = 8): Outcome[] {
  const random = Random.seeded(seed, "outcomes");
  return Array.from({ length: count }, () => {
    const confidence = random.float();
    return { confidence, correct: random.float() < truth(confidence) };
  });
}

describe("measureEce", () => {
  test("a hand-worked case", () => {
    const outcomes = [
      { confidence: 0.2, correct: false },
      { confidence: 0.4, correct: true },
      { confidence: 0.8, correct: true },
      { confidence: 0.9, correct: false },
    ];
    // Bins {.2, .4}: accuracy .5, confidence .3; {.8, .9}: .5, .85.
    assert.ok(Math.abs(measureEce(outcomes, 2) - (0.2 + 0.35) / 2) < 1e-12);
  });

  test("is near 0 for honest confidence and near the gap for inflated", () => {
    assert.ok(measureEce(drawOutcomes(20_000, (c) => c)) < 0.02);
    const inflated = measureEce(drawOutcomes(20_000, (c) => c - c * 0.2));
    assert.ok(Math.abs(inflated - 0.1) < 0.02, `got ${inflated}`);
  });

  test("honest confidence shows its floor, inflated confidence more", () => {
    const honest = Array.from({ length: 40 }, (_, i) => drawOutcomes(600, (c) => c, i));
    const floor = measureEceFloor(honest[0] as Outcome[], 1);
    const mean = honest.reduce((sum, outcomes) => sum + measureEce(outcomes), 0) / honest.length;
    assert.ok(Math.abs(mean - floor) < 0.004, `${mean} beside a floor of ${floor}`);
    const inflated = drawOutcomes(600, (c) => c - c * 0.3);
    assert.ok(measureEce(inflated) > 2 * measureEceFloor(inflated, 1));
    assert.ok(
      measureEceFloor(
        drawOutcomes(6000, (c) => c),
        1,
      ) <
        floor / 2.5,
    );
  });

  test("bins are of equal mass and lose nobody", () => {
    const bins = measureReliability(drawOutcomes(1000, (c) => c));
    assert.equal(bins.length, 15);
    assert.equal(
      bins.reduce((sum, bin) => sum + bin.count, 0),
      1000,
    );
    assert.ok(bins.every((bin) => bin.count === 66 || bin.count === 67));
  });

  test("fewer outcomes than bins, none, or confidences that are none", () => {
    assert.equal(measureReliability([{ confidence: 1, correct: true }]).length, 1);
    assert.throws(() => measureEce([]), { code: "DATA_INVALID" });
    assert.throws(() => measureEce([{ confidence: Number.NaN, correct: true }]), { code: "DATA_INVALID" });
  });
});

describe("selective accuracy", () => {
  const outcomes = [0.9, 0.8, 0.7, 0.6].map((confidence, i) => ({ confidence, correct: i !== 1 && i !== 3 }));

  test("hand-worked curve", () => {
    assert.deepEqual(
      traceRiskCoverage(outcomes).map((point) => [point.coverage, point.risk]),
      [
        [0.25, 0],
        [0.5, 1 / 2],
        [0.75, 1 / 3],
        [1, 1 / 2],
      ],
    );
    assert.equal(selectiveAccuracy(outcomes, 0.25), 1);
    assert.equal(selectiveAccuracy(outcomes, 1), 0.5);
  });

  test("equal confidences enter together, so that order cannot flatter", () => {
    const equal = [true, false].map((correct) => ({ confidence: 0.5, correct }));
    assert.deepEqual(traceRiskCoverage(equal), [{ coverage: 1, risk: 0.5, minConfidence: 0.5 }]);
  });

  test("no outcomes are refused", () => {
    assert.throws(() => traceRiskCoverage([]), { code: "DATA_INVALID" });
  });
});

describe("fitUncertainty", () => {
  test("minConfidence lies where accuracy crosses one half", () => {
    const rows = drawOutcomes(20_000, (c) => c).map((outcome) => ({ ...outcome, setSize: 1 }));
    const { minConfidence } = fitUncertainty(rows);
    assert.ok(Math.abs(minConfidence - 0.5) < 0.02, `got ${minConfidence}`);
    const inflated = drawOutcomes(20_000, (c) => c * c).map((outcome) => ({ ...outcome, setSize: 1 }));
    assert.ok(Math.abs(fitUncertainty(inflated).minConfidence - Math.SQRT1_2) < 0.03);
    const { minConfidence: strict } = fitUncertainty(rows, 0.8);
    assert.ok(Math.abs(strict - 0.8) < 0.03, `got ${strict}`);
  });

  test("minConfidence hardly moves from one sample to the next, and confidence of 0 and 1 is no harm", () => {
    const limits = Array.from({ length: 20 }, (_, seed) => {
      const rows = drawOutcomes(1000, (c) => c, seed).map((outcome) => ({ ...outcome, setSize: 1 }));
      rows.push({ confidence: 1, correct: true, setSize: 1 }, { confidence: 0, correct: false, setSize: 1 });
      return fitUncertainty(rows).minConfidence;
    });
    assert.ok(Math.min(...limits) > 0.44 && Math.max(...limits) < 0.56, `${limits}`);
  });

  test("maxSetSize is the largest size still right as often as not", () => {
    const rows = [1, 2, 3, 4].flatMap((setSize) =>
      Array.from({ length: 10 }, (_, i) => ({ confidence: 0.5, correct: i < 10 - 2 * setSize, setSize })),
    );
    // Right in 8, 6, 4 and 2 of 10.
    assert.equal(fitUncertainty(rows).maxSetSize, 2);
  });

  test("a model never right is never trusted; one always right is trusted as far as it was seen", () => {
    const rows = (correct: boolean) => [0.3, 0.6].map((confidence) => ({ confidence, correct, setSize: 2 }));
    assert.equal(fitUncertainty(rows(false)).minConfidence, 1);
    assert.equal(fitUncertainty(rows(false)).maxSetSize, 1);
    assert.equal(fitUncertainty(rows(true)).minConfidence, 0.3);
    assert.equal(fitUncertainty(rows(true)).maxSetSize, 2);
  });

  test("unknown tokens: what 99 % of validation stays under", () => {
    const rows = Array.from({ length: 100 }, (_, i) => ({
      confidence: 0.9,
      correct: true,
      setSize: 1,
      unknownShare: i === 0 ? 0.9 : 0,
    }));
    assert.equal(fitUncertainty(rows).maxUnknownShare, 0.9);
    assert.equal(fitUncertainty(rows.slice(1)).maxUnknownShare, 0.2);
  });

  test("no rows are refused", () => assert.throws(() => fitUncertainty([]), { code: "DATA_INVALID" }));
});
