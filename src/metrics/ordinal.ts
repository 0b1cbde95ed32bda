/** @file Figures of an ordinal answer: exact, within one level, quadratic weighted kappa. */
import type { Numbers } from "../calibration/probability.js";
import { share } from "./classification.js";

/** How an ordinal answer fared. */
export interface OrdinalFigures {
  readonly accuracy: number;
  /** Share at most one level off. */
  readonly withinOne: number;
  /** 1 perfect, 0 as chance, below 0 worse. */
  readonly kappa: number;
}

/**
 * Exact, within one, and `κ = 1 − Σ w O / Σ w E`, `w = (i − j)²`, O counted and E expected from the margins.
 * κ is 1 where all truths and all answers are one same level.
 * @param levels number of levels; truths and predictions are 0 to levels − 1
 * @param indices rows to measure on, repeats allowed
 * @source Cohen, "Weighted kappa", Psychological Bulletin 70, 1968.
 */
export function measureOrdinal(
  truths: Numbers,
  predictions: Numbers,
  levels: number,
  indices: Int32Array,
): OrdinalFigures {
  const ofTruth = new Float64Array(levels);
  const ofPrediction = new Float64Array(levels);
  let right = 0;
  let near = 0;
  let observed = 0;
  for (let k = 0; k < indices.length; k++) {
    const truth = truths[indices[k] as number] as number;
    const prediction = predictions[indices[k] as number] as number;
    const distance = Math.abs(truth - prediction);
    ofTruth[truth] = (ofTruth[truth] as number) + 1;
    ofPrediction[prediction] = (ofPrediction[prediction] as number) + 1;
    if (distance === 0) right++;
    if (distance <= 1) near++;
    observed += distance * distance;
  }
  let expected = 0;
  for (let i = 0; i < levels; i++) {
    for (let j = 0; j < levels; j++) {
      expected += ((i - j) ** 2 * (ofTruth[i] as number) * (ofPrediction[j] as number)) / indices.length;
    }
  }
  return {
    accuracy: share(right, indices.length),
    withinOne: share(near, indices.length),
    kappa: expected === 0 ? 1 : 1 - observed / expected,
  };
}
