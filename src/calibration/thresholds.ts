/** @file Thresholds of a multi-label head: the probability from which a label is said to hold. */
import { AppError } from "../base/errors.js";
import { type Numbers, rankDescending } from "./probability.js";

/** Probabilities `[labels]` and the indices of the labels that hold. */
export interface ThresholdRow {
  readonly probabilities: Numbers;
  readonly truths: readonly number[];
}

/** One threshold per label, and the best single one. */
export interface Thresholds {
  readonly perLabel: readonly number[];
  readonly global: number;
}

/** Positives at which a label's own threshold and the global one weigh the same. */
const evenPositives = 20;

const f1 = (hits: number, predicted: number, positives: number): number =>
  predicted + positives === 0 ? 0 : (2 * hits) / (predicted + positives);

/**
 * The threshold of best F1 on one label, midway between the two probabilities it separates; of equals the highest.
 * `undefined` where no row has the label: nothing can be learned of it.
 */
export function bestThreshold(
  probabilities: Numbers,
  holds: readonly boolean[],
): { readonly threshold: number; readonly f1: number } | undefined {
  const order = rankDescending(probabilities);
  const positives = holds.filter(Boolean).length;
  if (positives === 0) return undefined;
  let best = { threshold: 1, f1: -1 };
  let hits = 0;
  order.forEach((row, place) => {
    if (holds[row]) hits++;
    const here = probabilities[row] as number;
    const next = order[place + 1];
    const below = next === undefined ? 0 : (probabilities[next] as number);
    // Equal probabilities cannot be told apart, so no cut lies between them.
    if (next !== undefined && below === here) return;
    const score = f1(hits, place + 1, positives);
    if (score > best.f1) best = { threshold: (here + below) / 2, f1: score };
  });
  return best;
}

/** Macro-F1 over the labels at one threshold for all; labels without positives count as 0 unless none is predicted. */
function macroF1At(columns: readonly LabelColumn[], threshold: number): number {
  let total = 0;
  for (const { probabilities, holds, positives } of columns) {
    let hits = 0;
    let predicted = 0;
    for (let i = 0; i < holds.length; i++) {
      if ((probabilities[i] as number) < threshold) continue;
      predicted++;
      if (holds[i]) hits++;
    }
    total += f1(hits, predicted, positives);
  }
  return total / columns.length;
}

interface LabelColumn {
  readonly probabilities: Float64Array;
  readonly holds: readonly boolean[];
  readonly positives: number;
}

/**
 * Fits thresholds on validation rows: the single one of best macro-F1 over .01, .02 … .99, and for each label its
 * F1-optimal one shrunk towards the global: `w · own + (1 − w) · global`, `w = positives / (positives + 20)`.
 * With few positives the best threshold is an accident of single rows; at 20 each side has equal say.
 * @throws DATA_INVALID on no rows or on probabilities that are no numbers
 */
export function fitThresholds(rows: readonly ThresholdRow[]): Thresholds {
  const labels = rows[0]?.probabilities.length ?? 0;
  if (labels === 0) {
    throw new AppError("DATA_INVALID", "thresholds: expected labelled rows, got none; give validation data");
  }
  const columns = Array.from({ length: labels }, (_, label): LabelColumn => {
    const probabilities = Float64Array.from(rows, (row) => row.probabilities[label] as number);
    const bad = probabilities.findIndex((p) => !(p >= 0 && p <= 1));
    if (bad >= 0) {
      throw new AppError(
        "DATA_INVALID",
        `thresholds: expected probabilities in [0, 1], got ${probabilities[bad]} for label ${label} in row ${bad}; check the model`,
      );
    }
    const holds = rows.map((row) => row.truths.includes(label));
    return { probabilities, holds, positives: holds.filter(Boolean).length };
  });
  let global = { threshold: 0.5, f1: -1 };
  for (let percent = 1; percent < 100; percent++) {
    const score = macroF1At(columns, percent / 100);
    if (score > global.f1) global = { threshold: percent / 100, f1: score };
  }
  const perLabel = columns.map(({ probabilities, holds, positives }) => {
    const own = bestThreshold(probabilities, holds)?.threshold ?? global.threshold;
    const weight = positives / (positives + evenPositives);
    return weight * own + (1 - weight) * global.threshold;
  });
  return { perLabel, global: global.threshold };
}
