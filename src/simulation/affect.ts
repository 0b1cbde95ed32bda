/** @file The affect process: how long states last, and where learners go from them. */
import type { Draws } from "./draws.js";
import { changesPerStep, drawIndex } from "./draws.js";
import type { Model } from "./model.js";
import type { AffectState } from "./step.js";
import { affectStates } from "./step.js";

/** A state and for how long it has lasted. */
export interface Affect {
  readonly state: AffectState;
  /** s */
  readonly seconds: number;
}

/** What bears on the affect process over a step. */
export interface AffectInfluence {
  /** Whether the answer was right. */
  readonly correct: boolean;
  /** Probability that it would be, [0, 1]. */
  readonly successProbability: number;
  /** Weariness of being interrupted, [0, 1]. */
  readonly annoyance: number;
  /** How slowly this learner's negative states pass, about 1. */
  readonly temper: number;
}

/**
 * Rate of leaving a state, 1/s: (ln 2 / half-life) · factor of the outcome, divided by temper in negative states.
 * @source exponential decay of states: D'Mello & Graesser, "The half-life of cognitive-affective states during complex
 *   learning", Cognition and Emotion 25, 2011.
 */
export function leavingRate(model: Model, state: AffectState, influence: AffectInfluence): number {
  const { halfLife, leaving } = model.affect;
  const temper = state === "engagement" || state === "delight" ? 1 : influence.temper;
  return (Math.LN2 / halfLife[state]) * (leaving[influence.correct ? "success" : "failure"][state] / temper);
}

const weights = new Float64Array(affectStates.length);
const boredom = affectStates.indexOf("boredom");
const frustration = affectStates.indexOf("frustration");

/** Where a learner goes who leaves a state after so long in it. @param share uniform in [0, 1) */
export function nextState(
  model: Model,
  from: Affect,
  influence: AffectInfluence,
  share: number,
): AffectState {
  const { affect, support } = model;
  const table = affect.destination[influence.correct ? "success" : "failure"][from.state];
  for (let i = 0; i < weights.length; i++) weights[i] = table[i] as number;
  const scale = (index: number, factor: number): void => {
    weights[index] = (weights[index] as number) * factor;
  };
  const ages = 1 + affect.ageing * (from.seconds / affect.halfLife[from.state]);
  if (from.state === "confusion") scale(frustration, ages);
  if (from.state === "frustration") scale(boredom, ages);
  if (influence.successProbability >= affect.tooEasyFrom) scale(boredom, affect.tooEasy);
  if (influence.successProbability <= affect.tooHardTo) scale(frustration, affect.tooHard);
  scale(frustration, 1 + support.annoyedAffect * influence.annoyance);
  return affectStates[drawIndex(weights, share)] as AffectState;
}

/** Whether a learner is in confusion or frustration beyond the normal dwell. */
export function isStuck(model: Model, { state, seconds }: Affect): boolean {
  if (state !== "confusion" && state !== "frustration") return false;
  return seconds > model.affect.stuckHalfLives * model.affect.halfLife[state];
}

/** What became of affect over a step. */
export interface AffectChange {
  readonly affect: Affect;
  /** Whether confusion gave way to engagement or delight on the way. */
  readonly resolvedConfusion: boolean;
}

/** Lets affect run on for some time; at most three changes. @param seconds how long, s */
export function advanceAffect(
  model: Model,
  start: Affect,
  seconds: number,
  influence: AffectInfluence,
  draws: Draws,
): AffectChange {
  let affect = start;
  let left = seconds;
  let resolvedConfusion = false;
  for (let change = 0; change < changesPerStep; change++) {
    const wait = -Math.log(1 - draws.at("leave", change)) / leavingRate(model, affect.state, influence);
    if (!(wait < left)) break;
    const from = { state: affect.state, seconds: affect.seconds + wait };
    const state = nextState(model, from, influence, draws.at("destination", change));
    if (from.state === "confusion" && (state === "engagement" || state === "delight"))
      resolvedConfusion = true;
    affect = { state, seconds: 0 };
    left -= wait;
  }
  return { affect: { state: affect.state, seconds: affect.seconds + left }, resolvedConfusion };
}
