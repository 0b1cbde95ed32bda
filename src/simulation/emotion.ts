/** @file Which of the 41 emotions a learner feels, given the affect state and how the step went. */
import type { EmotionId } from "../emotion/taxonomy.js";
import { emotionIds } from "../emotion/taxonomy.js";
import { drawIndex } from "./draws.js";
import type { Model } from "./model.js";
import type { AffectState } from "./step.js";

/** What bears on the emotion besides the affect state. */
export interface EmotionInfluence {
  readonly correct: boolean;
  /** Anxious disposition, [0, 1]. */
  readonly anxious: number;
  /** Tiredness, [0, 1]. */
  readonly fatigue: number;
}

/**
 * Weights of the 41, written into `into` `[41]`: the state's weight, times a factor where the emotion answers to the
 * outcome, 1 + (factor − 1) · share where it answers to disposition or tiredness.
 */
export function weighEmotions(
  { emotion }: Model,
  state: AffectState,
  influence: EmotionInfluence,
  into: Float64Array,
): void {
  const base = emotion.weights[state];
  const outcome = influence.correct ? emotion.success : emotion.failure;
  const anxious = 1 + (emotion.anxious.factor - 1) * influence.anxious;
  const tired = 1 + (emotion.tired.factor - 1) * influence.fatigue;
  for (let i = 0; i < base.length; i++) {
    let weight = base[i] as number;
    if (outcome.among[i]) weight *= outcome.factor;
    if (emotion.anxious.among[i]) weight *= anxious;
    if (emotion.tired.among[i]) weight *= tired;
    into[i] = weight;
  }
}

const weights = new Float64Array(emotionIds.length);

/** Draws the emotion. @param share uniform in [0, 1) */
export function drawEmotion(
  model: Model,
  state: AffectState,
  influence: EmotionInfluence,
  share: number,
): EmotionId {
  weighEmotions(model, state, influence, weights);
  return emotionIds[drawIndex(weights, share)] as EmotionId;
}
