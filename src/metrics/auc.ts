/** @file Area under the ROC curve: how well a score puts what happened above what did not. */
import type { Numbers } from "../calibration/probability.js";

/**
 * Probability that a row that holds scores above one that does not, ties counting half; NaN where all rows are alike.
 * @param truths 0 or 1
 * @param indices rows to measure on, repeats allowed
 * @source Hanley & McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve", 1982
 */
export function areaUnderCurve(truths: Numbers, scores: Numbers, indices: Int32Array): number {
  const order = Float64Array.from(indices, (row) => scores[row] as number);
  const positions = Array.from(order.keys()).sort((a, b) => (order[a] as number) - (order[b] as number));
  let positives = 0;
  let below = 0;
  let wins = 0;
  for (let start = 0; start < positions.length; ) {
    const score = order[positions[start] as number];
    let end = start;
    let held = 0;
    for (; end < positions.length && order[positions[end] as number] === score; end++) {
      held += truths[indices[positions[end] as number] as number] as number;
    }
    const others = end - start - held;
    wins += held * (below + others / 2);
    positives += held;
    below += others;
    start = end;
  }
  return wins / (positives * below);
}
