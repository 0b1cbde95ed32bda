/** @file Selective accuracy: how right the model is when it answers only what it is most certain of. */
import { AppError } from "../base/errors.js";
import type { Outcome } from "./ece.js";

/** Error rate among the `coverage` most certain share of the answers. */
export interface RiskPoint {
  /** Share of messages answered, (0, 1]. */
  readonly coverage: number;
  /** Share of those that are wrong, [0, 1]. */
  readonly risk: number;
  /** Confidence from which on messages are answered. */
  readonly minConfidence: number;
}

/**
 * The risk–coverage curve: a point for each message added, most certain first; messages of equal confidence enter together.
 * @throws DATA_INVALID on no outcomes
 * @source El-Yaniv & Wiener, "On the Foundations of Noise-free Selective Classification", JMLR 2010.
 */
export function traceRiskCoverage(outcomes: readonly Outcome[]): RiskPoint[] {
  if (outcomes.length === 0) {
    throw new AppError("DATA_INVALID", "risk-coverage: expected outcomes, got none; give labelled rows");
  }
  const sorted = [...outcomes].sort((a, b) => b.confidence - a.confidence);
  const points: RiskPoint[] = [];
  let wrong = 0;
  sorted.forEach((outcome, index) => {
    if (!outcome.correct) wrong++;
    if (sorted[index + 1]?.confidence === outcome.confidence) return;
    const answered = index + 1;
    points.push({
      coverage: answered / sorted.length,
      risk: wrong / answered,
      minConfidence: outcome.confidence,
    });
  });
  return points;
}

/**
 * Accuracy on the most certain `share` of the messages, at least one.
 * @param share in (0, 1]
 * @throws DATA_INVALID on no outcomes
 */
export function selectiveAccuracy(outcomes: readonly Outcome[], share: number): number {
  const curve = traceRiskCoverage(outcomes);
  const point = curve.find((candidate) => candidate.coverage >= share - 1e-9) ?? curve.at(-1);
  return 1 - (point?.risk ?? 0);
}
