/** @file A log as columns of numbers: weights, outcomes, what the outcome model expects; every estimator reads these. */
import type { UsableChoice } from "./logged-choice.js";

/** What the outcome model says of each row. */
export interface ModelColumns {
  /** Outcome expected under the judged policy, Σₐ π(a|x) q(x,a), `[rows]`. */
  readonly direct: Float64Array;
  /** Outcome expected of the level that was chosen, q(x,a), `[rows]`. */
  readonly logged: Float64Array;
}

/** A log as columns. */
export interface WeightedLog {
  readonly choices: readonly UsableChoice[];
  readonly rows: number;
  readonly learners: number;
  /** Number of each row's learner, 0 to learners − 1, in order of appearance, `[rows]`. */
  readonly learner: Int32Array;
  readonly outcome: Float64Array; // [rows]
  /** Importance weights w = π(a|x) / μ(a|x), judged policy over logging policy, 0 or more, `[rows]`. */
  readonly weight: Float64Array;
  /** Absent where the log has no predictions. */
  readonly model?: ModelColumns;
}

/** Numbers each learner by first appearance. */
function numberLearners(choices: readonly UsableChoice[]): { learner: Int32Array; learners: number } {
  const numbers = new Map<string, number>();
  const learner = Int32Array.from(choices, ({ learner: name }) => {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, numbers.size);
    return numbers.size - 1;
  });
  return { learner, learners: numbers.size };
}

function readModel(choices: readonly UsableChoice[]): ModelColumns | undefined {
  if (choices[0]?.predictions === undefined) return undefined;
  return {
    direct: Float64Array.from(choices, ({ target, predictions = [] }) =>
      target.reduce((sum, probability, level) => sum + probability * (predictions[level] as number), 0),
    ),
    logged: Float64Array.from(choices, ({ level, predictions = [] }) => predictions[level] as number),
  };
}

/** Lays checked choices out as columns. */
export function weighLog(choices: readonly UsableChoice[]): WeightedLog {
  const model = readModel(choices);
  return {
    choices,
    rows: choices.length,
    ...numberLearners(choices),
    outcome: Float64Array.from(choices, ({ outcome }) => outcome),
    weight: Float64Array.from(
      choices,
      ({ level, target, propensity }) => (target[level] as number) / propensity,
    ),
    ...(model && { model }),
  };
}
