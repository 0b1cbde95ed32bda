/** @file Figures of a single-label classifier: accuracy, top-k, F1, confusion. */
import type { Numbers } from "../calibration/probability.js";

/** How one class fared. */
export interface ClassFigures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that are of the class. */
  readonly support: number;
  /** Rows said to be of the class. */
  readonly predicted: number;
}

/** Counts `[classes][classes]`: row is the truth, column the prediction. */
export type Confusion = readonly (readonly number[])[];

/** `part / whole`, 0 where there is nothing to divide. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Harmonic mean of precision and recall from counts; 0 where nothing is there and nothing is claimed. */
export function f1Of(hits: number, predicted: number, support: number): number {
  return share(2 * hits, predicted + support);
}

/** Precision, recall and F1 from counts. */
export function classFigures(hits: number, predicted: number, support: number): ClassFigures {
  return {
    precision: share(hits, predicted),
    recall: share(hits, support),
    f1: f1Of(hits, predicted, support),
    support,
    predicted,
  };
}

/** Counts truths against predictions, both class indices `[rows]`. */
export function countConfusion(truths: Numbers, predictions: Numbers, classes: number): number[][] {
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < truths.length; i++) {
    const row = confusion[truths[i] as number] as number[];
    row[predictions[i] as number] = (row[predictions[i] as number] as number) + 1;
  }
  return confusion;
}

/** Figures of each class, `[classes]`. */
export function perClass(confusion: Confusion): ClassFigures[] {
  return confusion.map((row, index) => {
    const predicted = confusion.reduce((sum, other) => sum + (other[index] as number), 0);
    return classFigures(
      row[index] as number,
      predicted,
      row.reduce((sum, count) => sum + count, 0),
    );
  });
}

/** Mean F1 over the classes that occur as truth or as prediction, as scikit-learn's `f1_score(average="macro")`. */
export function macroF1(figures: readonly ClassFigures[]): number {
  const seen = figures.filter((figure) => figure.support + figure.predicted > 0);
  return share(
    seen.reduce((sum, figure) => sum + figure.f1, 0),
    seen.length,
  );
}

/**
 * Accuracy and macro-F1 on some of the rows; made for many resamples, so it counts and allocates little.
 * @param indices rows to measure on, repeats allowed
 */
export function measureClasses(
  truths: Numbers,
  predictions: Numbers,
  classes: number,
  indices: Int32Array,
): { readonly accuracy: number; readonly macroF1: number } {
  const counts = new Int32Array(3 * classes);
  let right = 0;
  for (let k = 0; k < indices.length; k++) {
    const truth = truths[indices[k] as number] as number;
    const prediction = predictions[indices[k] as number] as number;
    counts[truth] = (counts[truth] as number) + 1;
    counts[classes + prediction] = (counts[classes + prediction] as number) + 1;
    if (truth !== prediction) continue;
    counts[2 * classes + truth] = (counts[2 * classes + truth] as number) + 1;
    right++;
  }
  let total = 0;
  let seen = 0;
  for (let c = 0; c < classes; c++) {
    const occurrences = (counts[c] as number) + (counts[classes + c] as number);
    if (occurrences === 0) continue;
    seen++;
    total += (2 * (counts[2 * classes + c] as number)) / occurrences;
  }
  return { accuracy: share(right, indices.length), macroF1: share(total, seen) };
}
