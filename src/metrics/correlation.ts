/** @file Figures of a regression: Pearson's r and mean absolute error, beside what a constant would score. */
import type { Numbers } from "../calibration/probability.js";

/**
 * Pearson's r in [−1, 1] on some of the rows; 0 where either side does not vary, since a constant explains nothing.
 * @param indices rows to measure on, repeats allowed
 */
export function pearson(truths: Numbers, predictions: Numbers, indices: Int32Array): number {
  const n = indices.length;
  let meanT = 0;
  let meanP = 0;
  for (let k = 0; k < n; k++) {
    meanT += (truths[indices[k] as number] as number) / n;
    meanP += (predictions[indices[k] as number] as number) / n;
  }
  let covariance = 0;
  let varianceT = 0;
  let varianceP = 0;
  for (let k = 0; k < n; k++) {
    const t = (truths[indices[k] as number] as number) - meanT;
    const p = (predictions[indices[k] as number] as number) - meanP;
    covariance += t * p;
    varianceT += t * t;
    varianceP += p * p;
  }
  const spread = Math.sqrt(varianceT * varianceP);
  // Rounding leaves a spread of about 1e-16 a row where every value is the same.
  return spread < 1e-12 * n ? 0 : Math.max(-1, Math.min(1, covariance / spread));
}

/** Mean absolute error on some of the rows. */
export function meanAbsoluteError(truths: Numbers, predictions: Numbers, indices: Int32Array): number {
  let total = 0;
  for (let k = 0; k < indices.length; k++) {
    total += Math.abs(
      (truths[indices[k] as number] as number) - (predictions[indices[k] as number] as number),
    );
  }
  return total / indices.length;
}

/** Error of the best constant there is, the truths' own median: what a model must beat to have learned anything. */
export function constantError(truths: Numbers): number {
  const sorted = Float64Array.from(truths).sort();
  const median = ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
  return sorted.reduce((sum, truth) => sum + Math.abs(truth - median), 0) / sorted.length;
}
