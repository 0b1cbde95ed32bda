/** @file The learned policy: the level whose outcome, less the cost of interrupting, is expected to be best. */
import { AppError } from "../base/errors.js";
import { certain, type LevelValue, levelCount, levels } from "./decision.js";
import { buildFeatures, type FeatureRow } from "./features.js";
import { exploring, type Policy, type Proposal } from "./policies.js";
import { findLargest, type Situation } from "./situation.js";

/** Outcomes as a trained model expects them. */
export interface OutcomeModel {
  /** Bootstrapped heads. */
  readonly heads: number;
  /** Expected outcome of each level for each row, `[rows · heads · 6]`, row by row, head by head. */
  predict(rows: readonly FeatureRow[]): Promise<Float32Array>;
}

/** What each level costs beyond what the outcome already shows, in units of outcome, `[6]`; 0 for none. */
export type InterruptionCost = readonly number[];

/** How the learned policy chooses. */
export interface LearnedPolicyOptions {
  readonly model: OutcomeModel;
  readonly cost: InterruptionCost;
  /** Least probability of each level, for logs to learn from; 0, no exploration, unless told. */
  readonly floor?: number;
  /**
   * Temperature of a softmax over values, in units of outcome: levels of nearly equal value are then given nearly
   * equally often. Absent: the best level alone.
   */
  readonly temperature?: number | undefined;
}

/** Half the width of a 95 % interval, in standard deviations of the heads. */
const halfWidth = 1.96;

/**
 * Value of each level beyond none, with its interval: mean over heads of (outcome − outcome of none) − cost, ± 1.96
 * standard deviations of that difference over heads. Differences within a head leave out what all levels share.
 * @param outcomes `[heads · 6]`
 */
export function valueLevels(
  outcomes: Float32Array,
  heads: number,
  cost: InterruptionCost,
): readonly LevelValue[] {
  return levels.map((level) => {
    if (level === 0) return { level, value: 0, low: 0, high: 0 };
    let sum = 0;
    let squares = 0;
    for (let head = 0; head < heads; head++) {
      const at = head * levelCount;
      const gain = (outcomes[at + level] as number) - (outcomes[at] as number);
      sum += gain;
      squares += gain * gain;
    }
    const mean = sum / heads;
    const deviation = Math.sqrt(
      Math.max(0, squares / heads - mean * mean) * (heads / Math.max(1, heads - 1)),
    );
    const value = mean - (cost[level] as number);
    return { level, value, low: value - halfWidth * deviation, high: value + halfWidth * deviation };
  });
}

/** exp(vₗ / t) / Σ exp(vₖ / t) */
function softmax(values: readonly number[], temperature: number): readonly number[] {
  const most = Math.max(...values);
  const weights = values.map((value) => Math.exp((value - most) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * A policy over an outcome model.
 * @throws CONFIG_INVALID where cost, floor or temperature make no sense
 */
export function createLearned(options: LearnedPolicyOptions): Policy {
  const { model, cost, floor = 0, temperature } = options;
  if (cost.length !== levelCount || cost[0] !== 0 || !cost.every((one) => Number.isFinite(one) && one >= 0)) {
    throw new AppError(
      "CONFIG_INVALID",
      `learned policy: expected six costs from 0, the first 0, got ${cost.join(", ")}; correct them`,
    );
  }
  if (temperature !== undefined && !(temperature > 0 && Number.isFinite(temperature))) {
    throw new AppError(
      "CONFIG_INVALID",
      `learned policy: expected a temperature above 0, got ${temperature}; leave it out for the best level alone`,
    );
  }
  const propose = async (situations: readonly Situation[]): Promise<readonly Proposal[]> => {
    const outcomes = await model.predict(situations.map(buildFeatures));
    const size = model.heads * levelCount;
    return situations.map((_, row) => {
      const values = valueLevels(outcomes.subarray(row * size, (row + 1) * size), model.heads, cost);
      const plain = values.map(({ value }) => value);
      const best = levels[findLargest(plain)] ?? 0;
      const probabilities = temperature === undefined ? certain(best) : softmax(plain, temperature);
      const reason =
        best === 0 ? "no level is expected to help more than it costs" : "it is expected to help most";
      return { probabilities, values, floor: 0, reason };
    });
  };
  const greedy: Policy = { name: "learned", propose };
  return floor === 0 ? greedy : exploring(greedy, floor);
}
