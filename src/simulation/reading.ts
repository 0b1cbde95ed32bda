/** @file What follows of a learner's state: tiredness, attention, load, readiness. */
import { logistic, logit } from "./knowledge.js";
import type { Model } from "./model.js";
import type { AffectState } from "./step.js";

/** Tiredness, [0, 1): 1 − exp(−minutes / tiring time). */
export function fatigueAfter({ affect }: Model, minutes: number): number {
  return 1 - Math.exp(-minutes / affect.fatigueMinutes);
}

/** Attention given to the work, [0, 1]: that of the state, less what tiredness takes. */
export function engagementOf({ affect }: Model, state: AffectState, fatigue: number): number {
  return affect.engagement[state] * (1 - affect.engagementFatigue * fatigue);
}

/** Cognitive load, [0, 1]: logistic of demand (log-odds of failing), state and tiredness. */
export function loadOf({ affect }: Model, state: AffectState, fatigue: number, success: number): number {
  const failing = -logit(Math.min(0.999, Math.max(0.001, success)));
  return logistic(affect.loadDemand * failing + affect.load[state] + affect.loadFatigue * fatigue);
}

/** Readiness, [0, 1]: weighted mean of success on the next task, engagement and 1 − load. */
export function readinessOf({ affect }: Model, success: number, engagement: number, load: number): number {
  const { readinessSuccess, readinessEngagement, readinessEase } = affect;
  const sum = readinessSuccess * success + readinessEngagement * engagement + readinessEase * (1 - load);
  return sum / (readinessSuccess + readinessEngagement + readinessEase);
}
