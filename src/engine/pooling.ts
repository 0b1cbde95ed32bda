/** @file Long texts: what the model says of overlapping windows becomes one answer for the whole. */
import type { Calibration, HeadLogits } from "../calibration/calibration.js";
import { sigmoid, softmax } from "../calibration/probability.js";

/** Share of a window that it has in common with the one before, so that no sentence is seen only in pieces. */
export const windowOverlap = 1 / 4;

/**
 * Pools windows into logits whose calibrated probabilities are the mean of the windows' calibrated probabilities,
 * each window weighted by its tokens. One window passes through untouched.
 *
 * The mean is taken over probabilities, not logits, so that a text with two moods keeps both
 * (a mean of logits would favour whatever lies between); it is handed back as logits so that
 * everything after reads short and long texts alike: softmax(T · ln p / T) = p.
 * @param weights tokens of each window
 */
export function poolWindows(
  windows: readonly HeadLogits[],
  weights: readonly number[],
  temperatures: Calibration["temperatures"],
): HeadLogits {
  const [only] = windows;
  if (only !== undefined && windows.length === 1) return only;
  const pool = (head: keyof HeadLogits, kind: "softmax" | "sigmoid", temperature = 1): Float32Array => {
    const toProbability = kind === "softmax" ? softmax : sigmoid;
    const rows = windows.map((window) => toProbability(window[head], temperature));
    const mean = average(rows, weights);
    return Float32Array.from(mean, (p) => temperature * (kind === "softmax" ? logarithm(p) : logit(p)));
  };
  return {
    emotion: pool("emotion", "softmax", temperatures.emotion),
    goemotions: pool("goemotions", "sigmoid", temperatures.goemotions),
    pad: pool("pad", "sigmoid"),
    emobank: pool("emobank", "sigmoid"),
    readiness: pool("readiness", "sigmoid"),
    support: pool("support", "softmax", temperatures.support),
  };
}

/** Mean of the windows' vectors `[hidden]`, each weighted by its tokens; one window passes through untouched. */
export function poolVectors(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const [only] = vectors;
  return only !== undefined && vectors.length === 1 ? only : Float32Array.from(average(vectors, weights));
}

/** Weighted mean of equal-length rows. */
function average(rows: readonly (Float64Array | Float32Array)[], weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(rows[0]?.length ?? 0);
  rows.forEach((row, i) => {
    const share = (weights[i] as number) / total;
    row.forEach((p, j) => {
      mean[j] = (mean[j] as number) + share * p;
    });
  });
  return mean;
}

/** Natural logarithm that stays finite at 0: a probability that has underflowed is as good as the smallest one. */
function logarithm(p: number): number {
  return Math.log(Math.max(p, Number.MIN_VALUE));
}

function logit(p: number): number {
  return logarithm(p) - logarithm(1 - p);
}
