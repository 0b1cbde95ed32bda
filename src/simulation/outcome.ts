/** @file What came of a cohort: gain an hour, time stuck or bored, interruptions and drop-outs, in all and by group. */
import type { SupportLevel } from "../emotion/support.js";
import type { SimulatedLearner } from "./learner-contract.js";
import type { KnowledgeGroup, Step } from "./step.js";
import { knowledgeGroups } from "./step.js";

/** Figures of some learners. Shares of time are over their time at work, without interventions; all are 0 where there is no learner. */
export interface Outcome {
  readonly learners: number;
  readonly steps: number;
  /** Time together, hours. */
  readonly hours: number;
  /** Mean growth of mean p(known) from start to end, a learner. */
  readonly gain: number;
  /** Growth together by time together: learners who gave up count with the time they stayed. */
  readonly gainPerHour: number;
  /** Share of time stuck in confusion or frustration beyond its normal dwell. */
  readonly stuckShare: number;
  readonly boredShare: number;
  /** Levels above none, a learner. */
  readonly interruptions: number;
  /** Share of learners who gave up. */
  readonly dropouts: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

class Sum {
  learners = 0;
  steps = 0;
  seconds = 0;
  working = 0;
  gain = 0;
  stuck = 0;
  bored = 0;
  interruptions = 0;
  dropouts = 0;
  correct = 0;

  get outcome(): Outcome {
    const per = (value: number, of: number): number => (of === 0 ? 0 : value / of);
    return {
      learners: this.learners,
      steps: this.steps,
      hours: this.seconds / 3600,
      gain: per(this.gain, this.learners),
      gainPerHour: per(this.gain, this.seconds / 3600),
      stuckShare: per(this.stuck, this.working),
      boredShare: per(this.bored, this.working),
      interruptions: per(this.interruptions, this.learners),
      dropouts: per(this.dropouts, this.learners),
      accuracy: per(this.correct, this.steps),
    };
  }
}

/** Adds up what happens to learners, step by step. */
export class OutcomeTally {
  readonly #sums: Record<KnowledgeGroup | "all", Sum> = {
    all: new Sum(),
    low: new Sum(),
    middle: new Sum(),
    high: new Sum(),
  };
  readonly #last = new Map<number, number>();

  /** Counts a step just taken. @param level the level it was taken with */
  add(learner: SimulatedLearner, step: Step, level: SupportLevel): void {
    const before = this.#last.get(learner.index);
    const gain = step.latent.knowledge - (before ?? learner.knowledgeAtStart);
    this.#last.set(learner.index, step.latent.knowledge);
    const { secondsSpent, supportSeconds } = step.observed;
    const working = secondsSpent - supportSeconds;
    for (const sum of [this.#sums.all, this.#sums[learner.group]]) {
      if (before === undefined) sum.learners++;
      sum.steps++;
      sum.seconds += secondsSpent;
      sum.working += working;
      sum.gain += gain;
      if (step.latent.stuck) sum.stuck += working;
      if (step.latent.affect === "boredom") sum.bored += working;
      if (level > 0) sum.interruptions++;
      if (step.observed.dropped === true) sum.dropouts++;
      if (step.observed.correct) sum.correct++;
    }
  }

  /** The figures so far. */
  get result(): Readonly<Record<KnowledgeGroup | "all", Outcome>> {
    const groups = knowledgeGroups.map((group) => [group, this.#sums[group].outcome] as const);
    return { all: this.#sums.all.outcome, ...Object.fromEntries(groups) } as Record<
      KnowledgeGroup | "all",
      Outcome
    >;
  }
}

/** Chooses a level before a step. @param last what the platform saw of the step before; undefined before the first */
export type Decide = (learner: SimulatedLearner, last: Step | undefined) => SupportLevel;

/**
 * Lets a cohort work, learner by learner, up to so many steps or until they give up.
 * @param each called after every step, for logs
 */
export function runCohort(
  learners: readonly SimulatedLearner[],
  steps: number,
  decide: Decide,
  each?: (learner: SimulatedLearner, step: Step, level: SupportLevel) => void,
): Readonly<Record<KnowledgeGroup | "all", Outcome>> {
  const tally = new OutcomeTally();
  for (const learner of learners) {
    let last: Step | undefined;
    for (let i = 0; i < steps && !learner.done; i++) {
      const level = decide(learner, last);
      last = learner.next(level);
      tally.add(learner, last, level);
      each?.(learner, last, level);
    }
  }
  return tally.result;
}
