/** @file Expected calibration error and reliability: how far stated confidence lies from what comes true. */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";

/** One answer: the confidence stated, in [0, 1], and whether it was right. */
export interface Outcome {
  readonly confidence: number;
  readonly correct: boolean;
}

/** Answers of similar confidence: mean confidence beside the share that was right. */
export interface ReliabilityBin {
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
  /** Lowest and highest confidence in the bin. */
  readonly from: number;
  readonly to: number;
}

/**
 * Bins of equal mass from least to most confident; fewer than `bins` where there are fewer outcomes.
 * @throws DATA_INVALID on no outcomes or a confidence outside [0, 1]
 */
export function measureReliability(outcomes: readonly Outcome[], bins = 15): ReliabilityBin[] {
  if (outcomes.length === 0) {
    throw new AppError("DATA_INVALID", "reliability: expected outcomes, got none; give labelled rows");
  }
  for (const { confidence } of outcomes) {
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new AppError(
        "DATA_INVALID",
        `reliability: expected confidences in [0, 1], got ${confidence}; give probabilities`,
      );
    }
  }
  const sorted = [...outcomes].sort((a, b) => a.confidence - b.confidence);
  const count = Math.min(bins, sorted.length);
  return Array.from({ length: count }, (_, bin) => {
    const members = sorted.slice(
      Math.floor((bin * sorted.length) / count),
      Math.floor(((bin + 1) * sorted.length) / count),
    );
    return {
      count: members.length,
      confidence: members.reduce((sum, member) => sum + member.confidence, 0) / members.length,
      accuracy: members.filter((member) => member.correct).length / members.length,
      from: members[0]?.confidence ?? 0,
      to: members.at(-1)?.confidence ?? 0,
    };
  });
}

/**
 * Expected calibration error over equal-mass bins, in [0, 1]: `Σ (n_b / n) · |accuracy_b − confidence_b|`.
 * @throws DATA_INVALID on no outcomes or a confidence outside [0, 1]
 * @source Nguyen & O'Connor, "Posterior calibration and exploratory analysis for NLP models", EMNLP 2015 (equal-mass bins).
 */
export function measureEce(outcomes: readonly Outcome[], bins = 15): number {
  return measureReliability(outcomes, bins).reduce(
    (sum, bin) => sum + (bin.count / outcomes.length) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
}

/** Draws behind a floor: enough for its third digit. */
const floorDraws = 200;

/**
 * The ECE that perfectly honest confidence would show on so few answers, in [0, 1]: the mean over draws in which every
 * answer is right exactly with the probability it states. An error near it cannot be told from none.
 * @param seed seed of the draws
 * @throws DATA_INVALID on no outcomes or a confidence outside [0, 1]
 * @source Parametric bootstrap, as in Vaicenavicius et al., "Evaluating model calibration in classification", AISTATS 2019.
 */
export function measureEceFloor(outcomes: readonly Outcome[], seed: number, bins = 15): number {
  const counts = measureReliability(outcomes, bins).map(({ count }) => count);
  const confidences = Float64Array.from(outcomes, ({ confidence }) => confidence).sort();
  const random = Random.seeded(seed, "ece-floor");
  let total = 0;
  for (let draw = 0; draw < floorDraws; draw++) {
    let at = 0;
    for (const count of counts) {
      let excess = 0; // answers right in this bin less those expected
      for (const end = at + count; at < end; at++) {
        const confidence = confidences[at] as number;
        excess += (random.float() < confidence ? 1 : 0) - confidence;
      }
      total += Math.abs(excess);
    }
  }
  return total / (floorDraws * outcomes.length);
}
