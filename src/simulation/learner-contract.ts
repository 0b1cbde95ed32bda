/** @file What others may do with a simulated learner: let them work, look ahead, copy them. */
import type { SupportLevel } from "../emotion/support.js";
import type { AffectState, KnowledgeGroup, Latent, Step } from "./step.js";

/** What a step took. */
export interface TimeSpent {
  /** All told, s. */
  readonly seconds: number;
  /** Of that, the intervention's, s. */
  readonly supportSeconds: number;
}

/** A learner who works step by step; what is decided before a step is the argument of `next`. */
export interface SimulatedLearner {
  /** Position in the cohort; the learner's path depends on it and the seed alone, not on how many others there are. */
  readonly index: number;
  /** `learner-INDEX`, for histories. */
  readonly id: string;
  readonly group: KnowledgeGroup;
  /** Mean p(known) over the skills before the first step, [0, 1]. */
  readonly knowledgeAtStart: number;
  /** Mean p(known) over the skills now, [0, 1]. */
  readonly knowledge: number;
  /** The affect state now and whether the learner is stuck: the cheap part of `latent`. */
  readonly mood: { readonly state: AffectState; readonly stuck: boolean };
  /** Whether the session is over; `next` then throws. */
  readonly done: boolean;
  /** What is true now, before the next step; `emotion` is the one of the last step. */
  readonly latent: Latent;
  /**
   * Gives the intervention, then lets the learner take a step.
   * @throws USAGE when the session is over
   */
  next(level: SupportLevel): Step;
  /**
   * As `next`, without looking: for rollouts, where only the state afterwards counts.
   * @throws USAGE when the session is over
   */
  advance(level: SupportLevel): TimeSpent;
  /** The step `next(level)` would be, without taking it. @throws USAGE when the session is over */
  peek(level: SupportLevel): Step;
  /**
   * A copy that goes its own way. Without `future` it meets exactly what this learner will; with a number it meets
   * another future, the same one for the same number, so that levels can be compared under common random numbers.
   */
  clone(future?: number): SimulatedLearner;
}
