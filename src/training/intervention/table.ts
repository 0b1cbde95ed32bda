/** @file Logged decisions as columns: what a network is trained on, standardised, each learner drawn anew for each head. */
import { Random } from "../../base/random.js";
import type { FeatureRow } from "../../policy/features.js";
import { fixedParameters } from "../../policy/network.js";

/** A decision that can be learned from. */
export interface TableRow {
  readonly learnerId: string;
  readonly features: FeatureRow;
  readonly level: number;
  readonly propensity: number;
  readonly outcome: number;
}

/** Decisions as columns. */
export interface OutcomeTable {
  readonly rows: number;
  readonly learners: number;
  /** `[rows · features]`; 0 where not known. */
  readonly values: Float32Array;
  /** `[rows · features]`, 1 where known. */
  readonly known: Uint8Array;
  readonly level: Uint8Array;
  readonly propensity: Float64Array;
  readonly outcome: Float64Array;
  /** Place of the row's learner among the learners. */
  readonly learner: Int32Array;
}

/** Puts rows into columns. @param features number of features of every row */
export function tabulate(rows: readonly TableRow[], features: number): OutcomeTable {
  const learners = new Map<string, number>();
  const learner = Int32Array.from(rows, ({ learnerId }) => {
    const place = learners.get(learnerId) ?? learners.size;
    learners.set(learnerId, place);
    return place;
  });
  const values = new Float32Array(rows.length * features);
  const known = new Uint8Array(rows.length * features);
  rows.forEach((row, i) => {
    values.set(row.features.values, i * features);
    known.set(row.features.known, i * features);
  });
  return {
    rows: rows.length,
    learners: learners.size,
    values,
    known,
    level: Uint8Array.from(rows, ({ level }) => level),
    propensity: Float64Array.from(rows, ({ propensity }) => propensity),
    outcome: Float64Array.from(rows, ({ outcome }) => outcome),
    learner,
  };
}

/** Least deviation that is divided by: a feature that hardly varies says nothing, and must not say it loudly. */
const leastDeviation = 1e-3;

/** Mean and deviation of the features where known and of the outcome, as the network's fixed parameters. */
export function measureScales({ rows, values, known, outcome }: OutcomeTable): Map<string, Float32Array> {
  const features = values.length / rows;
  const mean = new Float32Array(features);
  const scale = new Float32Array(features).fill(1);
  for (let feature = 0; feature < features; feature++) {
    let [count, sum, squares] = [0, 0, 0];
    for (let at = feature; at < values.length; at += features) {
      if (known[at] === 0) continue;
      const value = values[at] as number;
      count++;
      sum += value;
      squares += value * value;
    }
    if (count === 0) continue;
    const average = sum / count;
    mean[feature] = average;
    scale[feature] =
      1 / Math.max(leastDeviation, Math.sqrt(Math.max(0, squares / count - average * average)));
  }
  const average = outcome.reduce((sum, one) => sum + one, 0) / rows;
  const deviation = Math.sqrt(outcome.reduce((sum, one) => sum + (one - average) ** 2, 0) / rows);
  return new Map([
    [fixedParameters.mean, mean],
    [fixedParameters.scale, scale],
    [fixedParameters.outcomeMean, Float32Array.of(average)],
    [fixedParameters.outcomeScale, Float32Array.of(Math.max(leastDeviation, deviation))],
  ]);
}

/**
 * How often each head sees each learner, `[learners · heads]`: Poisson(1), so that every head learns from learners drawn
 * with replacement. Learners are drawn whole since their rows are not independent.
 * @source Oza & Russell, "Online bagging and boosting", 2001.
 */
export function drawBootstrap(learners: number, heads: number, seed: number): Uint8Array {
  const random = Random.seeded(seed, "bootstrap");
  return Uint8Array.from({ length: learners * heads }, () => {
    // Knuth's way: multiply uniforms until they fall below e⁻¹.
    let count = 0;
    for (let product = random.float(); product > Math.exp(-1); product *= random.float()) count++;
    return count;
  });
}
