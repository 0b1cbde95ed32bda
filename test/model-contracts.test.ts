import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headSizes } from "../src/base/head.js";
import type { Calibration } from "../src/calibration/calibration.js";
import { goEmotionLabels } from "../src/emotion/goemotions.js";
import { supportLabels } from "../src/emotion/support.js";
import { emotionIds } from "../src/emotion/taxonomy.js";
import { type ModelManifest, parseManifest } from "../src/model/folder/manifest.js";
import { productLabels, sampleManifest } from "./fixtures/manifest.js";

/** `true` only where both types are the same, modifiers included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Flattens intersections and aliases so that `Same` compares what is in the types, not how they were made. */
type Plain<T> = T extends object ? { [K in keyof T]: Plain<T[K]> } : T;

/** Does not compile when the manifest's calibration and the calibration room's come apart. */
const calibrationIsTheSame: Same<Plain<ModelManifest["calibration"]>, Plain<Calibration>> = true;

describe("the model directory and the rooms it may not look into", () => {
  test("a calibration passes through the manifest unchanged, in both directions", () => {
    const record = { sha256: "0".repeat(64), bytes: 1 };
    const files = { "model.onnx": record, "tokenizer.json": record, "README.md": record };
    const given: Calibration = sampleManifest.calibration;
    const manifest = parseManifest(
      { ...sampleManifest, calibration: given, files },
      "model.json",
      productLabels,
    );
    const taken: Calibration = manifest.calibration;
    assert.deepEqual(taken, given);
    assert.equal(calibrationIsTheSame, true);
  });

  test("the heads are as large as the taxonomy", () => {
    assert.equal(headSizes.emotion, emotionIds.length);
    assert.equal(headSizes.goemotions, goEmotionLabels.length);
    assert.equal(headSizes.support, supportLabels.length);
  });
});
