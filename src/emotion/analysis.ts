/** @file What Attune says of one message. */
import type { GoEmotionLabel } from "./goemotions.js";
import type { ReadinessState } from "./readiness.js";
import type { SupportLabel, SupportLevel } from "./support.js";
import type { EmotionId } from "./taxonomy.js";

/** A class with its calibrated probability in [0, 1]. */
export interface EmotionProbability {
  readonly emotion: EmotionId;
  readonly probability: number;
}

/** A GoEmotions label with its calibrated probability in [0, 1]. */
export interface GoEmotionProbability {
  readonly label: GoEmotionLabel;
  readonly probability: number;
}

/** Affect on three axes, each in [0, 1]: 0.5 is neither. */
export interface Pad {
  readonly pleasure: number;
  readonly arousal: number;
  readonly dominance: number;
}

/** Why an answer should not be acted on alone. */
export type UncertainReason = "low_confidence" | "many_plausible_emotions" | "unfamiliar_text";

/** A word of the message and how far it moved the decision: positive for the primary emotion, negative against it. */
export interface WordInfluence {
  /** The word or run of symbols; in long messages a run of neighbouring words. */
  readonly word: string;
  /** Position of the word in the message, in UTF-16 units: start included, end not. */
  readonly start: number;
  readonly end: number;
  /** Change of the primary emotion's log-probability when the word is hidden. */
  readonly influence: number;
}

/** The frozen result of analysing one message. Every figure is the model's. */
export interface Analysis {
  readonly primaryEmotion: EmotionId;
  /** Calibrated probability of the primary emotion, (0, 1]. */
  readonly confidence: number;
  /** All 41 classes, most probable first; the probabilities sum to 1. */
  readonly emotions: readonly EmotionProbability[];
  /** Conformal set: holds the true class in the stated share of messages; most probable first, never empty. */
  readonly predictionSet: readonly EmotionId[];
  /** `false`, or why the answer should not be acted on alone. */
  readonly uncertain: false | UncertainReason;
  /** GoEmotions labels above their thresholds, most probable first; empty where none is, or the model never learned them. */
  readonly goemotions: readonly GoEmotionProbability[];
  readonly pad: Pad;
  readonly readiness: { readonly score: number; readonly state: ReadinessState };
  readonly support: {
    readonly level: SupportLevel;
    readonly label: SupportLabel;
    /** Probability of each level 0 to 5, `[6]`; sums to 1. */
    readonly probabilities: readonly number[];
  };
  /** UTF-16 units of the message, tokens without special ones, and whether part of the message was not read. */
  readonly input: { readonly characters: number; readonly tokens: number; readonly truncated: boolean };
  readonly model: { readonly name: string; readonly version: string };
  /** Wall-clock time from the call to the answer, ms; in a batch the wait for the others is part of it. */
  readonly analysisTimeMs: number;
  /** Present when an explanation was asked for. */
  readonly explanation?: readonly WordInfluence[];
}
