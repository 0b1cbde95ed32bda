/** @file Whoever decides in a simulated session: a policy that sees what a platform sees, or the oracle that sees the truth. */
import { Random } from "../base/random.js";
import type { Intervention, Moment } from "../history/moment.js";
import { Decider } from "../policy/decider.js";
import type { Decision } from "../policy/decision.js";
import type { GuardOptions } from "../policy/guards.js";
import type { Policy } from "../policy/policies.js";
import { findLargest, type LearnerState, type Situation } from "../policy/situation.js";
import type { ReadinessModel } from "../readiness/model.js";
import type { SimulatedLearner } from "../simulation/learner-contract.js";
import { expectOutcomes, type RolloutOptions } from "../simulation/rollout.js";

/** A learner at work with what is remembered of them. */
export interface LiveLearner {
  readonly learner: SimulatedLearner;
  /** Moments so far, oldest first. */
  readonly moments: readonly Moment[];
}

/** Decides for all learners of a step at once, in order. */
export interface Chooser {
  readonly name: string;
  choose(live: readonly LiveLearner[]): Promise<readonly Intervention[]>;
}

/** All guards off: for policies that are compared as they are. */
export const withoutGuards: GuardOptions = {
  uncertainty: { on: false },
  "productive-confusion": { on: false },
  frequency: { on: false },
  crisis: { on: false },
};

/** What a policy that does not look at readiness is given for it. */
const unread: LearnerState = {
  score: Number.NaN,
  expectedSuccess: Number.NaN,
  engagement: Number.NaN,
  cognitiveLoad: Number.NaN,
  stateVector: new Float32Array(),
};

/** How a policy is put to work. */
export interface PolicyChooserOptions {
  readonly policy: Policy;
  /** Left out for policies that look at moments alone: nothing is then assessed. */
  readonly readiness?: Pick<ReadinessModel, "assessAll"> | undefined;
  readonly guards: GuardOptions;
  readonly seed: number;
  /** Told of every decision, with the situation it was made in. */
  readonly onDecision?: (learner: number, situation: Situation, decision: Decision) => void;
}

/** A policy behind its guards; chance hangs on the seed alone. */
export function choosePolicy(options: PolicyChooserOptions): Chooser {
  const { policy, readiness, guards, seed, onDecision } = options;
  const random = Random.seeded(seed, `policy ${policy.name}`);
  const decider = new Decider({ policy, guards, random: () => random.float() });
  return {
    name: policy.name,
    async choose(live) {
      const questions = live.map(({ moments }) => ({ moments, now: moments.at(-1)?.at ?? 0 }));
      const states = readiness === undefined ? undefined : await readiness.assessAll(questions);
      const situations = questions.map(
        (question, i): Situation => ({ ...question, state: states?.[i] ?? unread }),
      );
      const decisions = await decider.decideAll(situations);
      return decisions.map((decision, i) => {
        onDecision?.((live[i] as LiveLearner).learner.index, situations[i] as Situation, decision);
        const { level, decidedBy, propensity } = decision;
        return { level, decidedBy, propensity };
      });
    },
  };
}

/** How the oracle looks ahead. */
export interface OracleOptions extends RolloutOptions {
  /** Growth of mean p(known) that an hour must bring to be worth its time. */
  readonly gainPerHour: number;
}

/**
 * The best level by the true model, a step ahead: growth less time at its price, over futures shared by all levels.
 * It sees what no policy can, but only looks one intervention ahead, so that it is no upper bound in theory.
 */
export function chooseOracle({ gainPerHour, ...rollout }: OracleOptions): Chooser {
  const best = (learner: SimulatedLearner, step: number): Intervention => {
    const outcomes = expectOutcomes(learner, { ...rollout, seed: step });
    const worth = outcomes.map(
      ({ knowledgeGain, seconds }) => knowledgeGain - (gainPerHour * seconds) / 3600,
    );
    const level = (outcomes[findLargest(worth)] as (typeof outcomes)[number]).level;
    return { level, decidedBy: "policy", propensity: 1 };
  };
  return {
    name: "oracle",
    choose: async (live) => live.map(({ learner, moments }) => best(learner, moments.length)),
  };
}
