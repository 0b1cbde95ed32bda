/** @file Several runs of one encoder as one model: their weights averaged, which costs nothing when serving. */
import { AppError } from "../base/errors.js";
import type { TrainedRun } from "./trained-run.js";

/**
 * Averages the weights of runs that started from the same base: `Σ w / n`. The record adds up what they cost; data and
 * settings are those of the first, whose validation rows calibrate the average.
 * @throws WEIGHTS_MISMATCH when the runs' parameters differ in name or size
 * @source Wortsman et al., "Model soups", ICML 2022.
 */
export function averageRuns(runs: readonly [TrainedRun, ...TrainedRun[]]): TrainedRun {
  const [first, ...others] = runs;
  if (others.length === 0) return first;
  const weights = new Map<string, Float32Array>();
  for (const [name, own] of first.weights) {
    const sum = Float64Array.from(own);
    for (const run of others) {
      const other = run.weights.get(name);
      if (other?.length !== own.length) {
        throw new AppError(
          "WEIGHTS_MISMATCH",
          `average: expected ${own.length} numbers of ${name} in ${run.experiment.name}, got ${other?.length ?? "none"}; average runs of the same base and heads`,
        );
      }
      for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (other[i] as number);
    }
    weights.set(
      name,
      Float32Array.from(sum, (total) => total / runs.length),
    );
  }
  const total = (of: (run: TrainedRun) => number): number => runs.reduce((sum, run) => sum + of(run), 0);
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
