/** @file What each level would lead to, by letting copies of a learner live on in the true model: the oracle's view. */
import type { SupportLevel } from "../emotion/support.js";
import { supportLabels } from "../emotion/support.js";
import type { SimulatedLearner } from "./learner-contract.js";

/** How to look ahead. */
export interface RolloutOptions {
  /** Steps to follow, the one with the level included; 8 by default. */
  readonly horizon?: number;
  /** Futures to average over, the same for every level; 16 by default. */
  readonly rollouts?: number;
  /** Tells the futures of one decision from those of another; any whole number, 0 by default. */
  readonly seed?: number;
  /** What is done after the first step; nothing by default. */
  readonly thereafter?: SupportLevel;
}

/** Means over the futures of one level. */
export interface ExpectedOutcome {
  readonly level: SupportLevel;
  /** Growth of mean p(known). */
  readonly knowledgeGain: number;
  /** The learner's time, s. */
  readonly seconds: number;
  /** Time at work spent stuck in confusion or frustration, s. */
  readonly stuckSeconds: number;
  /** Time at work spent bored, s. */
  readonly boredSeconds: number;
  /** Share of the futures in which the session is given up. */
  readonly dropout: number;
}

/**
 * Expected outcome of each level under common random numbers; the learner is not disturbed.
 * @throws USAGE when the session is over
 */
export function expectOutcomes(
  learner: SimulatedLearner,
  options: RolloutOptions = {},
): readonly ExpectedOutcome[] {
  const { horizon = 8, rollouts = 16, seed = 0, thereafter = 0 } = options;
  const start = learner.knowledge;
  return supportLabels.map((_, place) => {
    const level = place as SupportLevel;
    let [gain, seconds, stuck, bored, dropouts] = [0, 0, 0, 0, 0];
    for (let future = 0; future < rollouts; future++) {
      const copy = learner.clone(seed * rollouts + future);
      for (let step = 0; step < horizon && (step === 0 || !copy.done); step++) {
        const spent = copy.advance(step === 0 ? level : thereafter);
        const { state, stuck: isStuck } = copy.mood;
        const working = spent.seconds - spent.supportSeconds;
        seconds += spent.seconds;
        if (isStuck) stuck += working;
        if (state === "boredom") bored += working;
      }
      gain += copy.knowledge - start;
      if (copy.done) dropouts++;
    }
    return {
      level,
      knowledgeGain: gain / rollouts,
      seconds: seconds / rollouts,
      stuckSeconds: stuck / rollouts,
      boredSeconds: bored / rollouts,
      dropout: dropouts / rollouts,
    };
  });
}
