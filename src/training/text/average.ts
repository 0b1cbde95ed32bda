/** @file Several runs of one encoder as one model: their weights averaged, which costs nothing when serving. */
import { AppError } from "../../base/errors.js";
import type { TrainedRun } from "./trained-run.js";

/**
 * How much each of several counts, sum 1.
 * @param weights one each, above 0; all the same unless told
 * @throws USAGE where they do not fit
 */
export function shareOut(
  count: number,
  weights: readonly number[] = Array.from({ length: count }, () => 1),
): number[] {
  if (weights.length !== count || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new AppError(
      "USAGE",
      `weights: expected one above 0 for each of ${count} runs, got ${weights.join(" ")}; give as many --weights as runs`,
    );
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Trained weights by name, what they are called, and what they cost. */
export interface WeightSource {
  readonly experiment: { readonly name: string };
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly state: { readonly step: number; readonly epoch: number; readonly seconds: number };
}

/**
 * Averages weights of one encoder: `Σ share · w`. One alone is given back as it is.
 * @param counts how much each counts, above 0; all the same unless told
 * @throws WEIGHTS_MISMATCH when parameters differ in name or size
 * @throws USAGE when `counts` does not fit
 * @source Wortsman et al., "Model soups", ICML 2022; with the run another began from, "Robust fine-tuning of zero-shot models", CVPR 2022.
 */
export function averageWeights(
  all: readonly [WeightSource, ...WeightSource[]],
  counts?: readonly number[],
): ReadonlyMap<string, Float32Array> {
  const shares = shareOut(all.length, counts);
  const [first, ...others] = all;
  if (others.length === 0) return first.weights;
  const weights = new Map<string, Float32Array>();
  for (const [name, own] of first.weights) {
    const mean = Float64Array.from(own, (weight) => (shares[0] as number) * weight);
    for (const [r, run] of others.entries()) {
      const other = run.weights.get(name);
      if (other?.length !== own.length) {
        throw new AppError(
          "WEIGHTS_MISMATCH",
          `average: expected ${own.length} numbers of ${name} in ${run.experiment.name}, got ${other?.length ?? "none"}; average runs of the same base and heads`,
        );
      }
      const share = shares[r + 1] as number;
      for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + share * (other[i] as number);
    }
    weights.set(name, Float32Array.from(mean));
  }
  return weights;
}

/**
 * Averages a run with others, or with models, of the same base, as `averageWeights` does. The record adds up what they
 * cost; data and settings are those of the first, whose validation rows calibrate the average.
 * @throws WEIGHTS_MISMATCH, USAGE as `averageWeights`
 */
export function averageRuns(
  runs: readonly [TrainedRun, ...WeightSource[]],
  counts?: readonly number[],
): TrainedRun {
  const [first, ...others] = runs;
  const weights = averageWeights(runs, counts);
  if (others.length === 0) return first;
  const total = (of: (run: WeightSource) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
  return {
    ...first,
    experiment: { ...first.experiment, name: runs.map(({ experiment }) => experiment.name).join("+") },
    weights,
    state: {
      ...first.state,
      step: total(({ state }) => state.step),
      epoch: total(({ state }) => state.epoch),
      seconds: total(({ state }) => state.seconds),
    },
  };
}
