import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headSizes } from "../base/head.js";
import { Random } from "../base/random.js";
import { applyCalibration, doubtReason, labelsAbove } from "./apply.js";
import type { HeadLogits } from "./calibration.js";
import { fitCalibration, fitFamiliarity, type LabelledLogits, uncalibrated } from "./fit.js";

const random = Random.seeded(21, "fit");
const normals = (length: number, scale = 1): Float32Array =>
  Float32Array.from({ length }, () => scale * random.normal());

/** Logits that favour the truth but are three times too sharp. */
function drawRow(): LabelledLogits {
  const primary = random.below(41);
  const label = random.below(28);
  const emotion = normals(41, 3);
  emotion[primary] = (emotion[primary] as number) + 6;
  const goemotions = normals(28).map((x) => x - 3);
  goemotions[label] = 2;
  const logits: HeadLogits = {
    emotion,
    goemotions,
    pad: normals(3),
    emobank: normals(3),
    readiness: normals(1),
    support: normals(6),
  };
  return { logits, example: { emotion: { primary }, goemotions: [label], support: random.below(6) } };
}

const rows = Array.from({ length: 600 }, drawRow);
const calibration = fitCalibration(rows);

describe("fitCalibration", () => {
  test("calibration error falls and every head says on how many rows it rests", () => {
    for (const head of ["emotion", "support"]) {
      const { before, after } = calibration.ece[head] ?? { before: 0, after: 1 };
      assert.ok(after < before, `${head}: ${before} → ${after}`);
    }
    assert.deepEqual(calibration.rows, { emotion: 600, goemotions: 600, support: 600 });
  });

  test("it survives JSON, as model.json needs", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(calibration)), calibration);
  });

  test("a head without labels keeps what it had, or stays uncalibrated", () => {
    const supportOnly = rows.map(({ logits, example }) => ({
      logits,
      example: { support: example.support ?? 0 },
    }));
    const fresh = fitCalibration(supportOnly);
    assert.deepEqual(fresh.thresholds, uncalibrated.thresholds);
    assert.equal(fresh.temperatures.emotion, 1);
    assert.equal(fresh.rows.emotion, 0);
    const kept = fitCalibration(supportOnly, { previous: calibration });
    assert.deepEqual(kept.conformal, calibration.conformal);
    assert.equal(kept.temperatures.emotion, calibration.temperatures.emotion);
  });

  test("no rows, and labels outside their head, are refused", () => {
    assert.throws(() => fitCalibration([]), { code: "DATA_INVALID" });
    const [row] = rows as [LabelledLogits];
    assert.throws(() => fitCalibration([{ ...row, example: { emotion: { primary: 41 } } }]), {
      code: "DATA_INVALID",
      message: /got 41/,
    });
  });
});

describe("applyCalibration", () => {
  test("probabilities sum to 1, the order is theirs, the set begins the order", () => {
    for (const { logits } of rows.slice(0, 50)) {
      const { emotion, order, predictionSet, support, pad, goemotionsAbove, goemotions } = applyCalibration(
        logits,
        calibration,
      );
      assert.ok(Math.abs(emotion.reduce((a, b) => a + b) - 1) < 1e-12);
      assert.ok(Math.abs(support.reduce((a, b) => a + b) - 1) < 1e-12);
      assert.deepEqual(order.slice(0, predictionSet.length), predictionSet);
      assert.ok(pad.every((x) => x > 0 && x < 1));
      assert.deepEqual(goemotionsAbove, labelsAbove(goemotions, calibration.thresholds.perLabel));
    }
  });

  test("uncalibrated sets hold every class", () => {
    const [row] = rows as [LabelledLogits];
    assert.equal(applyCalibration(row.logits, uncalibrated).predictionSet.length, headSizes.emotion);
  });

  test("a head of another size or a NaN is an error, not an answer", () => {
    const [{ logits }] = rows as [LabelledLogits];
    assert.throws(() => applyCalibration({ ...logits, support: new Float32Array(5) }, calibration), {
      code: "MODEL_SHAPE",
      message: /expected 6 logits from head support, got 5/,
    });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const emotion = Float32Array.from(logits.emotion);
      emotion[3] = bad;
      assert.throws(() => applyCalibration({ ...logits, emotion }, calibration), { code: "RUNTIME_FAILED" });
    }
  });
});

describe("the limit of familiarity", () => {
  const table = { words: "the", commonShare: 0.1, letters: "A".repeat(21952) };
  const strange = (i: number): number => (i * 37) % 200; // every whole number below 200, in no order
  const surprising = Array.from({ length: 200 }, (_, i) => ({
    ...(rows[i % rows.length] as LabelledLogits),
    surprise: strange(i),
  }));

  test("at most one in a hundred new texts is above it, and fewer texts than can say so set none", () => {
    assert.equal(fitFamiliarity(surprising, table)?.maxSurprise, 198);
    assert.equal(
      fitFamiliarity(surprising.slice(0, 99), table)?.maxSurprise,
      Math.max(...surprising.slice(0, 99).map((r) => r.surprise)),
    );
    assert.equal(fitFamiliarity(surprising.slice(0, 98), table), undefined);
    assert.equal(fitFamiliarity(surprising, undefined), undefined);
  });

  test("it is fitted with all else, and the previous one stays where it cannot be", () => {
    const previous = fitCalibration(surprising, { familiarity: table });
    assert.deepEqual(previous.uncertainty.familiarity, { maxSurprise: 198, table });
    assert.deepEqual(fitCalibration(rows, { previous }).uncertainty.familiarity, { maxSurprise: 198, table });
    assert.equal("familiarity" in fitCalibration(rows).uncertainty, false);
  });

  test("a text above it is unfamiliar, one at it is not, nor any where there is no limit", () => {
    const limits = { minConfidence: 0, maxSetSize: 9, maxUnknownShare: 1 };
    const limited = { ...limits, familiarity: { maxSurprise: 3, table } };
    const answer = { confidence: 1, setSize: 1, unknownShare: 0 };
    assert.equal(doubtReason({ ...answer, surprise: 3.1 }, limited), "unfamiliar_text");
    assert.equal(doubtReason({ ...answer, surprise: 3 }, limited), false);
    assert.equal(doubtReason(answer, limited), false);
    assert.equal(doubtReason({ ...answer, surprise: 99 }, limits), false);
  });
});

test("doubtReason names the first reason that holds, and none at the limits themselves", () => {
  const limits = { minConfidence: 0.4, maxSetSize: 3, maxUnknownShare: 0.3 };
  const sure = { confidence: 0.4, setSize: 3, unknownShare: 0.3 };
  assert.equal(doubtReason(sure, limits), false);
  assert.equal(doubtReason({ ...sure, confidence: 0.39 }, limits), "low_confidence");
  assert.equal(doubtReason({ ...sure, setSize: 4 }, limits), "many_plausible_emotions");
  assert.equal(doubtReason({ confidence: 0.1, setSize: 9, unknownShare: 0.5 }, limits), "unfamiliar_text");
});
