import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headSizes } from "../base/head.js";
import { Random } from "../base/random.js";
import { applyCalibration, doubtReason, labelsAbove } from "./apply.js";
import type { HeadLogits } from "./calibration.js";
import { fitCalibration, type LabelledLogits, uncalibrated } from "./fit.js";

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

test("doubtReason names the first reason that holds, and none at the limits themselves", () => {
  const limits = { minConfidence: 0.4, maxSetSize: 3, maxUnknownShare: 0.3 };
  const sure = { confidence: 0.4, setSize: 3, unknownShare: 0.3 };
  assert.equal(doubtReason(sure, limits), false);
  assert.equal(doubtReason({ ...sure, confidence: 0.39 }, limits), "low_confidence");
  assert.equal(doubtReason({ ...sure, setSize: 4 }, limits), "many_plausible_emotions");
  assert.equal(doubtReason({ confidence: 0.1, setSize: 9, unknownShare: 0.5 }, limits), "unfamiliar_text");
});
