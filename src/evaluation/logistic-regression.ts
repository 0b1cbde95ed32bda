/** @file Logistic regression: the honest baseline that a network has to beat. */
import { minimise } from "../calibration/lbfgs.js";
import type { Numbers } from "../calibration/probability.js";

/** Weights of the features, then the intercept. */
export type LogisticModel = readonly number[];

/** Weight of the penalty ½ λ |w|² on the mean loss: enough that features that are always 0 stay unused. */
const penalty = 1e-4;

/**
 * Least mean ln(1 + e^s) − y s + ½ λ |w|², s = w · x + b, by L-BFGS; gradient Σ (σ(s) − y) x / n + λ w.
 * @param rows features of each row, all of one length
 * @param truths 0 or 1
 */
export function fitLogistic(rows: readonly Numbers[], truths: Numbers): LogisticModel {
  const width = (rows[0]?.length ?? 0) + 1;
  const { point } = minimise(
    (weights) => {
      let value = 0;
      const gradient = new Array<number>(width).fill(0);
      for (const [i, row] of rows.entries()) {
        const s = scoreLogistic(weights, row);
        const truth = truths[i] as number;
        value += Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - truth * s;
        const error = 1 / (1 + Math.exp(-s)) - truth;
        for (let j = 0; j < row.length; j++)
          gradient[j] = (gradient[j] as number) + error * (row[j] as number);
        gradient[width - 1] = (gradient[width - 1] as number) + error;
      }
      const squares = weights.reduce((sum, weight) => sum + weight * weight, 0);
      return {
        value: value / rows.length + (penalty / 2) * squares,
        gradient: gradient.map((one, j) => one / rows.length + penalty * (weights[j] as number)),
      };
    },
    new Array<number>(width).fill(0),
    { maxIterations: 60, tolerance: 1e-6 },
  );
  return point;
}

/** The log-odds of a row. */
export function scoreLogistic(model: LogisticModel, row: Numbers): number {
  let sum = model[row.length] as number;
  for (let j = 0; j < row.length; j++) sum += (model[j] as number) * (row[j] as number);
  return sum;
}
