/** @file What is said of a learner now, and how it is read off the network's outputs. */

import { logit } from "../calibration/probability.js";
import { type ReadinessState, readinessState } from "../emotion/readiness.js";
import { type EncodedMoment, windowMoments } from "./features.js";

/** How much a moment counted. */
export interface AttendedMoment {
  /** ms since 1970 */
  readonly at: number;
  /** [0, 1]; the weights of a window sum to 1. */
  readonly weight: number;
}

/** How ready a learner is now, by their last moments. */
export interface ReadinessAssessment {
  /** Readiness to learn, [0, 1], on the scale of the text's. With one message and no behaviour it is the text's. */
  readonly score: number;
  readonly state: ReadinessState;
  /** Probability that the next step of work succeeds, [0, 1]; rises with the score. */
  readonly expectedSuccess: number;
  /** Attention given to the work, [0, 1]. */
  readonly engagement: number;
  /** How far the work takes up what the learner can hold in mind, [0, 1]. */
  readonly cognitiveLoad: number;
  /** How much each moment of the window counted, oldest first: empty where nothing is known. */
  readonly attention: readonly AttendedMoment[];
  /** What the network knows of the learner, for what is decided next: `[state]`, each in [−1, 1]. */
  readonly stateVector: Float32Array;
}

/** p(success) = σ(slope · z + intercept) with z the readiness logit; slope above 0. */
export interface SuccessCalibration {
  readonly slope: number;
  readonly intercept: number;
}

/** The network's outputs for one window. */
export interface WindowOutputs {
  readonly shift: number;
  readonly engagement: number;
  readonly cognitiveLoad: number;
  /** `[32]` */
  readonly attention: Float32Array;
  /** `[state]` */
  readonly state: Float32Array;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * Readiness with the shift, in a form that leaves p untouched where the shift is 0:
 * σ(ln p/(1−p) + s) = p / (p + (1 − p) e⁻ˢ), and p + (1 − p) is 1 in floating point for every p in [0, 1].
 */
export function shiftReadiness(readiness: number, shift: number): number {
  return readiness / (readiness + (1 - readiness) * Math.exp(-shift));
}

/** @param encoded the learner's moments as encoded, oldest first */
export function composeAssessment(
  encoded: readonly EncodedMoment[],
  outputs: WindowOutputs,
  { slope, intercept }: SuccessCalibration,
): ReadinessAssessment {
  const { shift, engagement, cognitiveLoad, attention, state } = outputs;
  const text = encoded.findLast(({ reading }) => reading !== undefined)?.reading?.readiness;
  const score = text === undefined ? sigmoid(shift) : shiftReadiness(text, shift);
  const moved = (text === undefined ? 0 : logit(text)) + shift;
  const window = encoded.slice(-windowMoments);
  return {
    score,
    state: readinessState(score),
    expectedSuccess: sigmoid(slope * moved + intercept),
    engagement,
    cognitiveLoad,
    attention: window.map(({ at }, i) => ({
      at,
      weight: attention[windowMoments - window.length + i] as number,
    })),
    stateVector: state,
  };
}
