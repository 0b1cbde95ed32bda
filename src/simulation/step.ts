/** @file What a simulated learner shows at a step of work, and what is true of them behind it. */
import type { Behavior, LearningContext } from "../behavior/signals.js";
import type { EmotionId } from "../emotion/taxonomy.js";

/**
 * States of the affect process.
 * @source D'Mello & Graesser, "Dynamics of affective states during complex learning", Learning and Instruction 22, 2012:
 *   engagement/flow, confusion, frustration, boredom, and the passing delight.
 */
export const affectStates = ["engagement", "confusion", "frustration", "boredom", "delight"] as const;

/** One of the five affect states. */
export type AffectState = (typeof affectStates)[number];

/** Prior knowledge a learner begins with, as a group. */
export const knowledgeGroups = ["low", "middle", "high"] as const;

/** One of the three groups. */
export type KnowledgeGroup = (typeof knowledgeGroups)[number];

/** What a platform would see of a step: all that a policy may look at. */
export interface Observation {
  /** When the answer was given (or the task left), ms since 1970. */
  readonly at: number;
  /** What this learner's platform reports; signals it does not know, or lost, are left out. */
  readonly behavior: Behavior;
  /** The task and its subject; items are shared by a cohort. */
  readonly context: LearningContext;
  /**
   * Whether the answer was right by the learner's own doing: `false` where the task was skipped or its answer read off the
   * last hint, as knowledge tracing counts. Never missing, unlike `behavior.correct`.
   */
  readonly correct: boolean;
  /** Whether the learner wrote a message after the answer. */
  readonly wrote: boolean;
  /** The message as the index its giver knows it by; only where a pool was given and holds the emotion. */
  readonly utterance?: number | undefined;
  /** Present and true where the learner gave up the session at this step; it is their last. */
  readonly dropped?: boolean | undefined;
  /** What the step took of the learner's time, the intervention before it included, s. */
  readonly secondsSpent: number;
  /** Of that, what the intervention took, s. */
  readonly supportSeconds: number;
}

/** What is true of a learner: for labels, for judging policies and for the oracle, never for a policy. */
export interface Latent {
  /** The emotion felt after the step, the one a message expresses. */
  readonly emotion: EmotionId;
  readonly affect: AffectState;
  /** For how long the affect state has lasted, s. */
  readonly affectSeconds: number;
  /** In confusion or frustration beyond its normal dwell. */
  readonly stuck: boolean;
  /** Mean over the skills of the probability that the skill is known, [0, 1]. */
  readonly knowledge: number;
  /** Probability that this step would succeed, before it was taken and with the intervention given, [0, 1]. */
  readonly successProbability: number;
  /** The same for the next step, should nothing be done, [0, 1]. */
  readonly nextSuccessProbability: number;
  /** Attention given to the work, [0, 1]. */
  readonly engagement: number;
  /** How far the work takes up what the learner can hold in mind, [0, 1]. */
  readonly cognitiveLoad: number;
  /** Tiredness, [0, 1]. */
  readonly fatigue: number;
  /** Weariness of being interrupted, [0, 1]. */
  readonly annoyance: number;
  /** How ready the learner is for the next task, [0, 1]: weighted mean of next success, engagement and 1 − load. */
  readonly readiness: number;
  readonly group: KnowledgeGroup;
}

/** A step of a simulated learner. */
export interface Step {
  /** 0 for the learner's first step. */
  readonly index: number;
  readonly observed: Observation;
  readonly latent: Latent;
}
