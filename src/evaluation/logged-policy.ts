/** @file What the learned policy would have earned where another one decided: logged outcomes as rows for off-policy evaluation. */
import { AppError } from "../base/errors.js";
import { certain, levelCount, levels } from "../policy/decision.js";
import { type InterruptionCost, type OutcomeModel, valueLevels } from "../policy/learned-policy.js";
import { fromLogged, type LoggedOutcome } from "../policy/outcome.js";
import type { LoggedChoice } from "./logged-choice.js";

/** What is judged: an outcome model and how a policy is made of it. */
export interface JudgedPolicy {
  readonly model: OutcomeModel;
  /** In units of outcome, `[6]`. It moves the choice, not the outcome. */
  readonly cost: InterruptionCost;
  /** Features that the model reads. */
  readonly features: number;
}

/**
 * Each logged decision with what the learned policy would do: the best level, or none where the best may be worth nothing.
 * Guards that look at a learner's moments cannot be applied to features and are left out on both sides.
 * @throws DATA_INVALID where rows have other features than the model
 */
export async function judgeLogged(
  outcomes: readonly LoggedOutcome[],
  { model, cost, features }: JudgedPolicy,
): Promise<readonly LoggedChoice[]> {
  const odd = outcomes.findIndex((row) => row.features.length !== features);
  if (odd >= 0) {
    throw new AppError(
      "DATA_INVALID",
      `outcomes, row ${odd + 1}: expected ${features} features, as the model reads, got ${outcomes[odd]?.features.length}; judge with the model whose decisions were logged`,
    );
  }
  const predicted = await model.predict(outcomes.map((row) => fromLogged(row.features)));
  const size = model.heads * levelCount;
  return outcomes.map(({ learnerId, level, propensity, outcome }, row): LoggedChoice => {
    const heads = predicted.subarray(row * size, (row + 1) * size);
    const values = valueLevels(heads, model.heads, cost);
    const best = values.reduce((most, one) => (one.value > most.value ? one : most));
    return {
      learner: learnerId,
      level,
      propensity,
      outcome,
      target: certain(best.low > 0 ? best.level : 0),
      predictions: levels.map((one) => meanOverHeads(heads, model.heads, one)),
    };
  });
}

function meanOverHeads(outcomes: Float32Array, heads: number, level: number): number {
  let sum = 0;
  for (let head = 0; head < heads; head++) sum += outcomes[head * levelCount + level] as number;
  return sum / heads;
}
