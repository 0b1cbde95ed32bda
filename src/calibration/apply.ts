/** @file Turns one example's logits into calibrated probabilities, sets and reasons for doubt: what serving does with a `Calibration`. */
import { AppError } from "../base/errors.js";
import { headNames, headSizes } from "../base/head.js";
import type { Calibration, HeadLogits } from "./calibration.js";
import { predictSet } from "./conformal.js";
import { argmax, type Numbers, rankDescending, sigmoid, softmax } from "./probability.js";

/** Why an answer should not be acted on alone. */
export type Doubt = "low_confidence" | "many_plausible_emotions" | "unfamiliar_text";

/** One example after calibration; class and label indices as in the taxonomy. */
export interface CalibratedPrediction {
  /** Probabilities of the classes `[41]`, sum 1. */
  readonly emotion: Float64Array;
  /** Class indices, most probable first, `[41]`. */
  readonly order: readonly number[];
  /** Class indices of the conformal set, most probable first, never empty. */
  readonly predictionSet: readonly number[];
  /** Probabilities of the GoEmotions labels, `[28]`, each in [0, 1]. */
  readonly goemotions: Float64Array;
  /** Label indices at or above their thresholds, most probable first. */
  readonly goemotionsAbove: readonly number[];
  /** Learner-scale pleasure, arousal, dominance in [0, 1], `[3]`. */
  readonly pad: Float64Array;
  /** EmoBank-scale valence, arousal, dominance in [0, 1], `[3]`. */
  readonly emobank: Float64Array;
  /** In [0, 1]. */
  readonly readiness: number;
  /** Probabilities of the support levels, `[6]`, sum 1. */
  readonly support: Float64Array;
  /** The most probable support level. */
  readonly supportLevel: number;
}

function checkSizes(logits: HeadLogits): void {
  for (const head of headNames) {
    const got = logits[head].length;
    if (got !== headSizes[head]) {
      throw new AppError(
        "MODEL_SHAPE",
        `calibration: expected ${headSizes[head]} logits from head ${head}, got ${got}; the model does not fit this version`,
      );
    }
  }
}

/** Label indices whose probability reaches its own threshold, most probable first. */
export function labelsAbove(probabilities: Numbers, thresholds: Numbers): number[] {
  return rankDescending(probabilities).filter(
    (label) => (probabilities[label] as number) >= (thresholds[label] as number),
  );
}

/**
 * Applies a calibration to the logits of one example.
 * @throws MODEL_SHAPE where a head has another size
 * @throws RUNTIME_FAILED where a logit is NaN or infinite
 */
export function applyCalibration(logits: HeadLogits, calibration: Calibration): CalibratedPrediction {
  checkSizes(logits);
  const { temperatures, thresholds, conformal } = calibration;
  const emotion = softmax(logits.emotion, temperatures.emotion);
  const goemotions = sigmoid(logits.goemotions, temperatures.goemotions);
  const support = softmax(logits.support, temperatures.support);
  return {
    emotion,
    order: rankDescending(emotion),
    predictionSet: predictSet(emotion, conformal),
    goemotions,
    goemotionsAbove: labelsAbove(goemotions, thresholds.perLabel),
    pad: sigmoid(logits.pad),
    emobank: sigmoid(logits.emobank),
    readiness: sigmoid(logits.readiness)[0] as number,
    support,
    supportLevel: argmax(support),
  };
}

/** What doubt goes by. */
export interface DoubtedAnswer {
  readonly confidence: number;
  readonly setSize: number;
  /** Share of the text's tokens that are unknown, [0, 1]. */
  readonly unknownShare: number;
  /** Surprise of the text, nats a letter, where the model has a limit for it. */
  readonly surprise?: number | undefined;
}

/**
 * `false`, or the first reason that holds: text the tokenizer hardly knows or unlike what the model learned from, a weak
 * best class, too many classes left.
 */
export function doubtReason(answer: DoubtedAnswer, uncertainty: Calibration["uncertainty"]): false | Doubt {
  if (answer.unknownShare > uncertainty.maxUnknownShare) return "unfamiliar_text";
  const maxSurprise = uncertainty.familiarity?.maxSurprise ?? Number.POSITIVE_INFINITY;
  if (answer.surprise !== undefined && answer.surprise > maxSurprise) return "unfamiliar_text";
  if (answer.confidence < uncertainty.minConfidence) return "low_confidence";
  if (answer.setSize > uncertainty.maxSetSize) return "many_plausible_emotions";
  return false;
}
