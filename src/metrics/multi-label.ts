/** @file Figures of a multi-label classifier: F1 at thresholds, any-match top-1. */
import { argmax, type Numbers } from "../calibration/probability.js";
import { type ClassFigures, classFigures, f1Of, share } from "./classification.js";

/** Truths and decisions of all rows, `[rows · labels]`, 1 where the label holds. */
export interface LabelGrid {
  readonly rows: number;
  readonly labels: number;
  readonly truths: Uint8Array;
  readonly decisions: Uint8Array;
}

/** Lays out what holds and what was decided, both as label indices, for counting. */
export function layGrid(
  labels: number,
  rows: readonly { readonly truths: readonly number[]; readonly decided: readonly number[] }[],
): LabelGrid {
  const truths = new Uint8Array(rows.length * labels);
  const decisions = new Uint8Array(rows.length * labels);
  rows.forEach((row, i) => {
    for (const label of row.truths) truths[i * labels + label] = 1;
    for (const label of row.decided) decisions[i * labels + label] = 1;
  });
  return { rows: rows.length, labels, truths, decisions };
}

/** Counts by label on some of the rows: `[labels]` each. */
function countLabels(grid: LabelGrid, indices: Int32Array) {
  const { labels, truths, decisions } = grid;
  const hits = new Int32Array(labels);
  const predicted = new Int32Array(labels);
  const support = new Int32Array(labels);
  for (let k = 0; k < indices.length; k++) {
    const start = (indices[k] as number) * labels;
    for (let label = 0; label < labels; label++) {
      const holds = truths[start + label] as number;
      const decided = decisions[start + label] as number;
      support[label] = (support[label] as number) + holds;
      predicted[label] = (predicted[label] as number) + decided;
      hits[label] = (hits[label] as number) + (holds & decided);
    }
  }
  return { hits, predicted, support };
}

const sum = (counts: Int32Array): number => counts.reduce((total, count) => total + count, 0);

/** Macro-F1 (mean over all labels) and micro-F1 (over all decisions) on some of the rows. */
export function measureLabels(
  grid: LabelGrid,
  indices: Int32Array,
): { readonly macroF1: number; readonly microF1: number } {
  const { hits, predicted, support } = countLabels(grid, indices);
  let total = 0;
  for (let label = 0; label < grid.labels; label++) {
    total += f1Of(hits[label] as number, predicted[label] as number, support[label] as number);
  }
  return { macroF1: share(total, grid.labels), microF1: f1Of(sum(hits), sum(predicted), sum(support)) };
}

/** Figures of each label over all rows, `[labels]`. */
export function perLabel(grid: LabelGrid): ClassFigures[] {
  const { hits, predicted, support } = countLabels(
    grid,
    Int32Array.from({ length: grid.rows }, (_, i) => i),
  );
  return Array.from(hits, (hit, label) =>
    classFigures(hit, predicted[label] as number, support[label] as number),
  );
}

/** Whether the most probable label is one of those that hold. */
export function isAnyMatch(probabilities: Numbers, truths: readonly number[]): boolean {
  return truths.includes(argmax(probabilities));
}
