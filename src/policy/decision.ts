/** @file What is decided for a learner, in a form that can be shown, questioned, logged and learned from. */
import type { SupportLabel, SupportLevel } from "../emotion/support.js";
import { supportLabels } from "../emotion/support.js";

/** Number of levels. */
export const levelCount = supportLabels.length;

/** All levels in order. */
export const levels = supportLabels.map((_, level) => level as SupportLevel);

/** Probability of each level, `[6]`; sums to 1. */
export type LevelProbabilities = readonly number[];

/** What a level is worth for a learner now, beyond doing nothing. */
export interface LevelValue {
  readonly level: SupportLevel;
  /** Outcome expected more than with none, less the cost of interrupting; 0 for none. In units of outcome. */
  readonly value: number;
  /** 95 % interval of it. */
  readonly low: number;
  readonly high: number;
}

/** Names of the guards in the order in which they are applied; the last has the last word. */
export const guardNames = ["uncertainty", "productive-confusion", "frequency", "crisis"] as const;

/** Name of a guard. */
export type GuardName = (typeof guardNames)[number];

/** Whose decision it was: the policy's, or that of the guard which moved it last. */
export type DecidedBy = "policy" | `guard:${GuardName}`;

/** A decision. */
export interface Decision {
  readonly level: SupportLevel;
  readonly label: SupportLabel;
  readonly decidedBy: DecidedBy;
  /** Probability with which this level came out here, guards and exploration included, (0, 1]. */
  readonly propensity: number;
  /** Probability of every level here, `[6]`. */
  readonly probabilities: LevelProbabilities;
  /** What each level is worth, `[6]` in order; empty for a policy that does not estimate values. */
  readonly values: readonly LevelValue[];
  /** Why nothing is done although some level looked best; only where the guard against uncertainty decided. */
  readonly abstained?: string;
  /** Who has to be brought in now. */
  readonly escalate?: "human";
  /** In words, for whoever asks why. */
  readonly explanation: string;
}

/** All on one level. */
export function certain(level: SupportLevel): LevelProbabilities {
  return levels.map((one) => (one === level ? 1 : 0));
}
