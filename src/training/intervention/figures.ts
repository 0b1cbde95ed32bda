/** @file How well a value network does on decisions held out: what it explains, and what its policy would gain. */
import { levelCount } from "../../policy/decision.js";
import { type InterruptionCost, valueLevels } from "../../policy/learned-policy.js";
import type { OutcomeTable } from "./table.js";

/**
 * Figures on held-out rows:
 * - `outcome.r2`: 1 − mean squared error of the mean head / variance of the outcome.
 * - `policy.gain`: what the policy earns more than never interrupting, per decision, doubly robust:
 *   mean of q(π) − q(0) + (1[a = π] − 1[a = 0]) / p(a) · (y − q(a)) where π is not none.
 * - `policy.gainError`: its standard error, learners being independent and their decisions not.
 * - `policy.acts`: share of decisions in which it would not do nothing.
 * @param outcomes `[rows · heads · 6]`
 * @source Dudík, Langford & Li, "Doubly robust policy evaluation and learning", 2011.
 */
export function measureInterventionFigures(
  table: OutcomeTable,
  outcomes: Float32Array,
  heads: number,
  cost: InterruptionCost,
): Record<string, number> {
  const { rows, outcome, level, propensity, learner, learners } = table;
  const byLearner = { gain: new Float64Array(learners), rows: new Float64Array(learners) };
  const mean = outcome.reduce((sum, one) => sum + one, 0) / rows;
  let [squares, variance, gain, acts] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const own = outcomes.subarray(row * heads * levelCount, (row + 1) * heads * levelCount);
    const q = (wanted: number): number => {
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += own[head * levelCount + wanted] as number;
      return sum / heads;
    };
    const given = level[row] as number;
    const missed = (outcome[row] as number) - q(given);
    squares += missed ** 2;
    variance += ((outcome[row] as number) - mean) ** 2;
    const owner = learner[row] as number;
    byLearner.rows[owner] = (byLearner.rows[owner] as number) + 1;
    const best = valueLevels(own, heads, cost).reduce((most, one) => (one.value > most.value ? one : most));
    if (best.level === 0 || best.low <= 0) continue;
    acts++;
    const sign = Number(given === best.level) - Number(given === 0);
    const term = q(best.level) - q(0) + (sign / (propensity[row] as number)) * missed;
    gain += term;
    byLearner.gain[owner] = (byLearner.gain[owner] as number) + term;
  }
  // Σ_g (gain_g − mean · rows_g)²: what each learner adds to the error of the mean.
  const deviations = byLearner.gain.map(
    (sum, i) => (sum - (gain / rows) * (byLearner.rows[i] as number)) ** 2,
  );
  return {
    "outcome.r2": 1 - squares / variance,
    "policy.gain": gain / rows,
    "policy.gainError": Math.sqrt(deviations.reduce((sum, one) => sum + one, 0)) / rows,
    "policy.acts": acts / rows,
  };
}
