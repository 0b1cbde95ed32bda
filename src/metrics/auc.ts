/** @file Area under the ROC curve: how well a score puts what happened above what did not. */
import type { Numbers } from "../calibration/probability.js";

/** Scores put in order once, so that many resamples of their rows cost no sorting. */
export class RankedScores {
  readonly #truths: Numbers;
  /** Rows by rising score. */
  readonly #order: Int32Array;
  /** Whether a place in the order has the score of the one before. */
  readonly #ties: Uint8Array;

  /** @param truths 0 or 1, `[rows]`; @param scores `[rows]` */
  constructor(truths: Numbers, scores: Numbers) {
    this.#truths = truths;
    this.#order = Int32Array.from({ length: scores.length }, (_, row) => row).sort(
      (a, b) => (scores[a] as number) - (scores[b] as number),
    );
    this.#ties = Uint8Array.from(this.#order, (row, place) =>
      place > 0 && scores[row] === scores[this.#order[place - 1] as number] ? 1 : 0,
    );
  }

  /**
   * Probability that a row that holds scores above one that does not, ties counting half; NaN where all are alike.
   * @param weights how often each row counts, `[rows]`
   * @source Hanley & McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve", 1982
   */
  measureArea(weights: Numbers): number {
    let [positives, below, wins] = [0, 0, 0];
    let [held, others] = [0, 0];
    const settle = (): void => {
      wins += held * (below + others / 2);
      positives += held;
      below += others;
      [held, others] = [0, 0];
    };
    for (let place = 0; place < this.#order.length; place++) {
      if (this.#ties[place] === 0) settle();
      const row = this.#order[place] as number;
      if (this.#truths[row] === 1) held += weights[row] as number;
      else others += weights[row] as number;
    }
    settle();
    return wins / (positives * below);
  }
}

/**
 * The area on some of the rows.
 * @param truths 0 or 1
 * @param indices rows to measure on, repeats allowed
 */
export function areaUnderCurve(truths: Numbers, scores: Numbers, indices: Int32Array): number {
  const weights = new Float64Array(truths.length);
  for (const row of indices) weights[row] = (weights[row] as number) + 1;
  return new RankedScores(truths, scores).measureArea(weights);
}
