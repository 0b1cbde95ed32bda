/** @file What learners bring along: prior knowledge, speed, disposition. */
import type { Random } from "../base/random.js";
import { drawIndex } from "./draws.js";
import { logistic, logit } from "./knowledge.js";
import type { Model } from "./model.js";
import type { PlatformProfile } from "./platform.js";
import { platformProfiles } from "./platform.js";
import type { AffectState, KnowledgeGroup } from "./step.js";
import { affectStates, knowledgeGroups } from "./step.js";

/** What does not change in a learner. */
export interface Traits {
  readonly group: KnowledgeGroup;
  readonly platform: PlatformProfile;
  /** logit p(T) of this learner. */
  readonly logitRate: number;
  /** Log time added to every answer. */
  readonly logSpeed: number;
  /** Factor on how slowly negative states pass. */
  readonly temper: number;
  /** Anxious disposition, [0, 1]. */
  readonly anxious: number;
  /** Log-odds added to writing messages. */
  readonly expressive: number;
  /** Where in the item bank the learner begins. */
  readonly firstItem: number;
}

/** A learner on the first day. */
export interface Start {
  readonly traits: Traits;
  /** p(L0) of each skill. */
  readonly known: readonly number[];
  readonly affect: AffectState;
}

/**
 * Draws a learner: logit p(L0) = logit(mean of the group) · √(1 + πσ²/8) + learner's deviation + skill's deviation, both
 * normal, σ² the sum of their variances: the mean of p(L0) is then the group's.
 * @source the factor: MacKay, "The evidence framework applied to classification networks", 1992.
 * @param groups weights of low, middle, high, `[3]`
 * @param platform the one all work on, or `undefined` for one at random
 */
export function drawStart(
  model: Model,
  groups: readonly number[],
  platform: PlatformProfile | undefined,
  random: Random,
): Start {
  const { knowledge, behavior, affect } = model;
  const group = knowledgeGroups[drawIndex(groups, random.float())] as KnowledgeGroup;
  const anyPlatform = platformProfiles[random.below(platformProfiles.length)] as PlatformProfile;
  const variance = knowledge.spreadLearner ** 2 + knowledge.spreadSkill ** 2;
  const middle = logit(knowledge.start[group]) * Math.sqrt(1 + (Math.PI * variance) / 8);
  const ability = middle + knowledge.spreadLearner * random.normal();
  return {
    traits: {
      group,
      platform: platform ?? anyPlatform,
      logitRate: knowledge.logitRate + knowledge.spreadRate * random.normal(),
      logSpeed: behavior.spreadSpeed * random.normal(),
      temper: Math.exp(affect.spreadTemper * random.normal()),
      anxious: random.float(),
      expressive: behavior.spreadWrite * random.normal(),
      firstItem: random.below(knowledge.itemsPerSkill),
    },
    known: Array.from({ length: knowledge.skills }, () =>
      logistic(ability + knowledge.spreadSkill * random.normal()),
    ),
    affect: affectStates[drawIndex(affect.start, random.float())] as AffectState,
  };
}
