/** @file Logs to learn from: a policy that tries things out on simulated learners, with what a platform would see follow. */
import { Random } from "../base/random.js";
import { levelCount } from "../policy/decision.js";
import type { FeatureRow } from "../policy/features.js";
import { buildFeatures } from "../policy/features.js";
import { type FollowingStep, measureOutcome, type OutcomeMeasure } from "../policy/observed-outcome.js";
import type { LoggedOutcome } from "../policy/outcome.js";
import type { Policy } from "../policy/policies.js";
import type { ReadinessModel } from "../readiness/model.js";
import type { SimulatedLearner } from "../simulation/learner-contract.js";
import type { Voices } from "../simulation/voices.js";
import { choosePolicy, withoutGuards } from "./chooser.js";
import { runClosedLoop } from "./closed-loop.js";

/** A decision as it is logged, its state as features. */
export interface ExploredRow extends Omit<LoggedOutcome, "features"> {
  readonly features: FeatureRow;
}

/** Levels drawn with fixed probabilities, whoever the learner is. @param weights positive, `[6]`; they need not sum to 1 */
export function createLottery(weights: readonly number[]): Policy {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const probabilities = weights.map((weight) => weight / total);
  const proposal = {
    probabilities,
    values: [],
    floor: Math.min(...probabilities),
    reason: "it draws by lot",
  };
  return { name: "lottery", propose: async (situations) => situations.map(() => proposal) };
}

/** How a log is made. */
export interface ExplorationOptions {
  readonly learners: readonly SimulatedLearner[];
  readonly steps: number;
  readonly voices: Voices | undefined;
  readonly readiness: Pick<ReadinessModel, "assessAll">;
  readonly policy: Policy;
  readonly measure: OutcomeMeasure;
  readonly seed: number;
  readonly onRound?: (done: number, live: number) => void;
}

interface Undecided extends Omit<ExploredRow, "outcome"> {
  /** Steps the learner had taken. */
  readonly after: number;
}

/**
 * Lets a policy decide without guards and logs each decision with its propensity and its outcome. Decisions whose outcome
 * is not known when the session ends are left out, as a platform would.
 * @returns rows in the order in which they were decided
 */
export async function explore(options: ExplorationOptions): Promise<readonly ExploredRow[]> {
  const { learners, steps, voices, readiness, policy, measure, seed, onRound } = options;
  const taken = new Map<number, FollowingStep[]>();
  const decided: (Undecided & { readonly learner: number })[] = [];
  const chooser = choosePolicy({
    policy,
    readiness,
    guards: withoutGuards,
    seed: Random.seeded(seed, "exploration").uint32(),
    onDecision: (learner, situation, { level, propensity }) => {
      const after = taken.get(learner)?.length ?? 0;
      const features = buildFeatures(situation);
      decided.push({
        learner,
        learnerId: `simulated-${seed}-${learner}`,
        at: situation.now,
        features,
        level,
        propensity,
        after,
      });
    },
  });
  await runClosedLoop(learners, {
    steps,
    voices,
    chooser,
    onStep: ({ index }, { observed }) => {
      const own = taken.get(index) ?? [];
      const { correct, behavior, secondsSpent, dropped } = observed;
      own.push({ correct, difficulty: behavior.itemDifficulty, minutes: secondsSpent / 60, dropped });
      taken.set(index, own);
    },
    ...(onRound === undefined ? {} : { onRound }),
  });
  return decided.flatMap(({ learner, after, ...row }) => {
    const outcome = measureOutcome((taken.get(learner) ?? []).slice(after, after + measure.horizon), measure);
    return outcome === undefined ? [] : [{ ...row, outcome }];
  });
}

/** Weights of a log in which most steps are left alone, as under any policy worth having, and dear levels are rarer. */
export const sparseWeights: readonly number[] = Array.from(
  { length: levelCount },
  (_, level) => [0.64, 0.12, 0.12, 0.07, 0.035, 0.015][level] as number,
);
