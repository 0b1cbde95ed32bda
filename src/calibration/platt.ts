/** @file Platt scaling: a score's logit made an honest probability by one slope and one intercept. */
import { AppError } from "../base/errors.js";
import { minimise } from "./lbfgs.js";
import type { Numbers } from "./probability.js";

/** p = σ(slope · z + intercept). */
export interface PlattScaling {
  /** Above 0, so that the order of scores stays. */
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The scaling of least binary cross-entropy, by L-BFGS on (ln slope, intercept):
 * loss = Σ ln(1 + e^s) − t s, s = slope · z + intercept; d loss / ds = σ(s) − t. Targets stand a little inside [0, 1],
 * t₊ = (N₊ + 1) / (N₊ + 2), t₋ = 1 / (N₋ + 2), so that separable data do not drive the slope to infinity.
 * @param logits `[rows]`
 * @param truths 0 or 1, `[rows]`
 * @throws DATA_INVALID where a logit is not finite, or all rows are alike
 * @source Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood Methods", 1999
 */
export function fitPlattScaling(logits: Numbers, truths: Numbers): PlattScaling {
  const rows = logits.length;
  const bad = Array.from(logits).findIndex((logit) => !Number.isFinite(logit));
  if (bad >= 0) {
    throw new AppError(
      "DATA_INVALID",
      `Platt scaling: expected finite logits, got ${logits[bad]} in row ${bad}; check the model`,
    );
  }
  const positives = Array.from(truths).filter((truth) => truth === 1).length;
  if (positives === 0 || positives === rows) {
    throw new AppError(
      "DATA_INVALID",
      `Platt scaling: expected rows of both outcomes, got ${positives} of ${rows} that hold; give more validation data`,
    );
  }
  const [holds, fails] = [(positives + 1) / (positives + 2), 1 / (rows - positives + 2)];
  const { point } = minimise(
    ([u = 0, intercept = 0]) => {
      const slope = Math.exp(u);
      let [value, toSlope, toIntercept] = [0, 0, 0];
      for (let i = 0; i < rows; i++) {
        const z = logits[i] as number;
        const target = truths[i] === 1 ? holds : fails;
        const s = slope * z + intercept;
        const error = 1 / (1 + Math.exp(-s)) - target;
        value += Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - target * s;
        toSlope += error * slope * z;
        toIntercept += error;
      }
      return { value: value / rows, gradient: [toSlope / rows, toIntercept / rows] };
    },
    [0, 0],
  );
  return { slope: Math.exp(point[0] ?? 0), intercept: point[1] ?? 0 };
}
