/** @file Temperatures: the one number by which a head's logits are divided so that its confidence is honest. */
import { AppError } from "../base/errors.js";
import { minimise } from "./lbfgs.js";
import type { Numbers } from "./probability.js";

/** Logits `[classes]` and the index of the true class. */
export interface ClassRow {
  readonly logits: Numbers;
  readonly truth: number;
}

/** Logits `[labels]` and the indices of the labels that hold. */
export interface LabelRow {
  readonly logits: Numbers;
  readonly truths: readonly number[];
}

/** A loss summed over rows, and its derivative with respect to u = log T. */
interface Loss {
  value: number;
  slope: number;
}

/**
 * Softmax negative log-likelihood of one row, s = z / T:
 * loss = log Σ exp s − s_y, d loss / du = s_y − Σ p s
 */
function addClassLoss(loss: Loss, { logits, truth }: ClassRow, temperature: number): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) highest = Math.max(highest, (logits[i] as number) / temperature);
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < logits.length; i++) {
    const s = (logits[i] as number) / temperature;
    const e = Math.exp(s - highest);
    sum += e;
    weighted += e * s;
  }
  const own = (logits[truth] as number) / temperature;
  loss.value += highest + Math.log(sum) - own;
  loss.slope += own - weighted / sum;
}

/**
 * Binary cross-entropy of one row, mean over labels, s = z / T, y in {0, 1}:
 * loss = log(1 + exp s) − y s, d loss / du = (y − σ(s)) s
 */
function addLabelLoss(loss: Loss, { logits, truths }: LabelRow, temperature: number): void {
  for (let i = 0; i < logits.length; i++) {
    const s = (logits[i] as number) / temperature;
    const y = truths.includes(i) ? 1 : 0;
    const p = 1 / (1 + Math.exp(-s));
    loss.value += (Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s))) - y * s) / logits.length;
    loss.slope += ((y - p) * s) / logits.length;
  }
}

function fit<Row extends { readonly logits: Numbers }>(
  rows: readonly Row[],
  truthsOf: (row: Row) => readonly number[],
  addLoss: (loss: Loss, row: Row, temperature: number) => void,
): number {
  if (rows.length === 0) {
    throw new AppError("DATA_INVALID", "temperature: expected labelled rows, got none; give validation data");
  }
  rows.forEach((row, index) => {
    const bad = Array.from(row.logits).find((logit) => !Number.isFinite(logit));
    if (bad !== undefined) {
      throw new AppError(
        "DATA_INVALID",
        `temperature: expected finite logits, got ${bad} in row ${index}; check the model`,
      );
    }
    const outside = truthsOf(row).find((y) => !Number.isInteger(y) || y < 0 || y >= row.logits.length);
    if (outside !== undefined) {
      throw new AppError(
        "DATA_INVALID",
        `temperature: expected a label of 0 to ${row.logits.length - 1}, got ${outside} in row ${index}; check the labels`,
      );
    }
  });
  const minimum = minimise(
    ([u = 0]) => {
      // A standard normal prior on log T, worth one row: without it, separable data would drive T to 0.
      const loss = { value: (u * u) / 2, slope: u };
      for (const row of rows) addLoss(loss, row, Math.exp(u));
      return { value: loss.value / rows.length, gradient: [loss.slope / rows.length] };
    },
    [0],
  );
  return Math.exp(minimum.point[0] ?? 0);
}

/**
 * The softmax temperature of least negative log-likelihood, by L-BFGS on its logarithm; above 0.
 * @throws DATA_INVALID on no rows, logits that are no numbers, or a class outside the logits
 * @source Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
 */
export function fitSoftmaxTemperature(rows: readonly ClassRow[]): number {
  return fit(rows, (row) => [row.truth], addClassLoss);
}

/**
 * The sigmoid temperature of least binary cross-entropy over all labels, by L-BFGS on its logarithm; above 0.
 * @throws DATA_INVALID on no rows, logits that are no numbers, or a label outside the logits
 */
export function fitSigmoidTemperature(rows: readonly LabelRow[]): number {
  return fit(rows, (row) => row.truths, addLabelLoss);
}
