/** @file What is said of a learner beyond one message. */
import type { Analysis, EmotionProbability } from "../emotion/analysis.js";
import type { Appended } from "../history/history.js";
import type { Decision } from "../policy/decision.js";
import type { ReadinessAssessment } from "../readiness/assessment.js";
import type { Trajectory } from "../trajectory/trajectory.js";

/** How ready a learner is, by their last moments: what the readiness network says, without what it keeps to itself. */
export type LearnerReadiness = Omit<ReadinessAssessment, "stateVector">;

/** How a learner stands at a moment, by that moment and what came before it. */
export interface LearnerStanding {
  /** The moment, ms since 1970: as given, or as the engine's clock had it. */
  readonly at: number;
  /** By the message, the moments before it and the work; absent where the engine has no readiness model. */
  readonly readiness?: LearnerReadiness | undefined;
  readonly trajectory: Trajectory;
  /**
   * What the next message is likely to say, by the last one and transitions learned from others: all 41 classes, most
   * probable first. Absent where there is no message yet, and where the engine has no transitions.
   */
  readonly nextEmotions?: readonly EmotionProbability[] | undefined;
  /**
   * What to do now. Absent where the engine has no intervention policy, and for a moment that is late or too old to be
   * kept: then something is decided only where a human is needed.
   */
  readonly intervention?: Decision | undefined;
  /**
   * The state that was decided on, in the order of `listFeatures`, `null` where not known: what a log of outcomes needs
   * beside the intervention. Only where it was asked for.
   */
  readonly features?: readonly (number | null)[] | undefined;
  readonly history: {
    /** Moments looked at, this one included; at most `lookback`. */
    readonly moments: number;
    /** What became of this moment: `duplicate` where it was known already. */
    readonly appended: Appended;
    /** Whether a later moment was known already. */
    readonly late: boolean;
  };
}

/** A message's analysis with the learner's standing. */
export interface LearnerAnalysis extends Analysis {
  readonly learner: LearnerStanding;
}

/** A learner's standing after a step without a message. */
export interface LearnerObservation {
  readonly learner: LearnerStanding;
  /** Wall-clock time from the call to the answer, ms. */
  readonly analysisTimeMs: number;
}
