/** @file What a policy is, and those that need no training: the baselines a learned one is held against. */
import { AppError } from "../base/errors.js";
import type { SupportLevel } from "../emotion/support.js";
import { emotionIndex } from "../emotion/taxonomy.js";
import type { MessageReading } from "../history/moment.js";
import { certain, type LevelProbabilities, type LevelValue, levelCount } from "./decision.js";
import {
  findConfusionStart,
  findLargest,
  findLastReading,
  findSessionStart,
  listInterventions,
  type Situation,
} from "./situation.js";

/** What a policy would do in a situation, before guards. */
export interface Proposal {
  /** `[6]`, sum 1. */
  readonly probabilities: LevelProbabilities;
  /** What it thinks each level is worth, `[6]`; empty where it does not estimate that. */
  readonly values: readonly LevelValue[];
  /** Part of every probability that is there to learn from, not because it looked best, [0, 1/6]. */
  readonly floor: number;
  /** Why, in words. */
  readonly reason: string;
}

/** Chooses how probable each level is to be given. Many situations at once, so that a network reads them in one batch. */
export interface Policy {
  /** Short name for reports: `rule`. */
  readonly name: string;
  propose(situations: readonly Situation[]): Promise<readonly Proposal[]>;
}

const withoutValues = (probabilities: LevelProbabilities, reason: string): Proposal => ({
  probabilities,
  values: [],
  floor: 0,
  reason,
});

/** A policy that decides each situation by itself, for certain. */
function createPlain(
  name: string,
  decide: (situation: Situation) => { readonly level: SupportLevel; readonly reason: string },
): Policy {
  return {
    name,
    propose: async (situations) =>
      situations.map((situation) => {
        const { level, reason } = decide(situation);
        return withoutValues(certain(level), reason);
      }),
  };
}

/** The same level always: `never` is level 0, `always-mild` level 2. */
export function createConstant(name: string, level: SupportLevel): Policy {
  return createPlain(name, () => ({ level, reason: "it always does the same" }));
}

/** Every level with the same probability: for logs that anything can be learned from. */
export function createRandom(): Policy {
  const uniform = Array.from({ length: levelCount }, () => 1 / levelCount);
  const proposal = withoutValues(uniform, "it draws by lot");
  return { name: "random", propose: async (situations) => situations.map(() => proposal) };
}

/** What the text model alone finds most probable to be needed after the last moment's message; none where there is none. */
export function createTextHead(): Policy {
  return createPlain("text-head", ({ moments }) => {
    const reading = moments.at(-1)?.reading;
    if (reading === undefined) return { level: 0, reason: "the learner wrote nothing" };
    return { level: findLargest(reading.support) as SupportLevel, reason: "the message alone asks for it" };
  });
}

/** Classes that stand for a need of the rule, by what a teacher would answer to them. */
const families = {
  distress: ["distress", "pain", "cognitive_overload", "fear", "sadness"],
  frustration: ["frustration", "anger", "bitterness", "disappointment", "anxiety", "doubt", "shame"],
  confusion: ["confusion"],
  boredom: ["boredom", "fatigue", "contempt"],
} as const;

type Family = keyof typeof families;

/** Probability that the message is of a family, [0, 1]. */
function weighFamily(reading: MessageReading | undefined, family: Family): number {
  if (reading === undefined) return 0;
  return families[family].reduce(
    (sum, id) => sum + (reading.emotion[emotionIndex(id) as number] as number),
    0,
  );
}

/** Least time between two interventions of the rule, ms. Assumption. */
const ruleRestMs = 3 * 60_000;

/** A message older than this no longer tells how the learner feels, ms. Assumption. */
const staleMs = 3 * 60_000;

/**
 * What a careful engineer would write by hand without data: rest after an intervention; step in when trouble shows in
 * words and work alike; a nudge against boredom and guessing; otherwise leave the learner alone. Every number is an
 * assumption.
 */
function applyRule(situation: Situation): { readonly level: SupportLevel; readonly reason: string } {
  const { moments, now, state } = situation;
  const last = listInterventions(moments, findSessionStart(situation)).at(-1);
  if (last !== undefined && now - last.at < ruleRestMs)
    return { level: 0, reason: "there was help just now" };
  const found = findLastReading(moments);
  const reading = found !== undefined && now - found.at <= staleMs ? found.reading : undefined;
  const behavior = moments.at(-1)?.behavior ?? {};
  const streak = behavior.correctStreak ?? 0;
  const failing = behavior.correct === false && streak <= -1;
  const struggling = failing || (behavior.attempts ?? 1) >= 3 || state.expectedSuccess < 0.4;
  const confusedMs = now - (findConfusionStart(moments) ?? now);
  if (weighFamily(reading, "distress") > 0.6 && state.expectedSuccess < 0.25)
    return { level: 4, reason: "distress, and the work does not succeed" };
  if (weighFamily(reading, "frustration") > 0.5 && struggling)
    return { level: 3, reason: "frustration, and the work does not succeed" };
  if (confusedMs > staleMs && struggling) return { level: 3, reason: "confused for long" };
  if (weighFamily(reading, "frustration") + weighFamily(reading, "distress") > 0.5)
    return { level: 2, reason: "the message sounds troubled" };
  if (behavior.rapidGuess === true) return { level: 2, reason: "answers are guessed" };
  if (weighFamily(reading, "boredom") > 0.5) return { level: 2, reason: "the message sounds bored" };
  if (failing && state.score < 0.4) return { level: 2, reason: "wrong again, and not ready" };
  if (weighFamily(reading, "confusion") > 0.5 && struggling)
    return { level: 1, reason: "confused, and the work does not succeed" };
  return { level: 0, reason: "nothing calls for it" };
}

/** The rule by hand. */
export function createRule(): Policy {
  return createPlain("rule", applyRule);
}

/**
 * A policy mixed with chance, so that what it would not do is tried now and then: p′ = (1 − 6ε) p + ε.
 * @param floor ε, the least probability of each level, in [0, 1/6]
 * @throws CONFIG_INVALID when it is outside
 */
export function exploring(policy: Policy, floor: number): Policy {
  if (!(floor >= 0 && floor <= 1 / levelCount)) {
    throw new AppError(
      "CONFIG_INVALID",
      `exploration: expected a floor from 0 to 1/${levelCount}, got ${floor}; 0.02 tries each level once in fifty`,
    );
  }
  return {
    name: policy.name,
    async propose(situations) {
      const proposals = await policy.propose(situations);
      return proposals.map((proposal) => ({
        ...proposal,
        probabilities: proposal.probabilities.map((p) => (1 - levelCount * floor) * p + floor),
        floor: (1 - levelCount * floor) * proposal.floor + floor,
      }));
    },
  };
}
