/** @file A simulated learner's session as a platform would remember it, with the truth beside it. */
import { Random } from "../base/random.js";
import { observeBehavior } from "../behavior/normalization.js";
import { PopulationStatistics } from "../behavior/statistics.js";
import { type SupportLevel, supportLabels } from "../emotion/support.js";
import type { Intervention, Moment } from "../history/moment.js";
import type { SimulatedLearner } from "./learner-contract.js";
import type { KnowledgeGroup, Latent, Step } from "./step.js";
import type { Voices } from "./voices.js";

/** A step as it is remembered, and as it was. */
export interface RecordedStep {
  /** What the platform saw of the step, with what was then done about it. */
  readonly moment: Moment;
  /** Whether the answer was right; never missing. */
  readonly correct: boolean;
  readonly latent: Latent;
}

/** A learner's session. */
export interface RecordedSession {
  /** Position in the cohort. */
  readonly learner: number;
  readonly group: KnowledgeGroup;
  readonly steps: readonly RecordedStep[];
}

/** What is done about a step, knowing no more of the learner than the step's moment says. */
export type ChooseSupport = (moment: Moment, step: Step) => Intervention;

/**
 * Support by chance, whoever the learner is: none but for a share of the steps, then each of the other levels alike.
 * What is learned from such a log holds with and without support, and none of it is the work of a policy.
 * @param share of the steps with support, [0, 1)
 */
export function supportByChance(share: number, random: Random): ChooseSupport {
  const others = supportLabels.length - 1;
  return () => {
    const level = random.float() < share ? 1 + random.below(others) : 0;
    const propensity = level === 0 ? 1 - share : share / others;
    return { level: level as SupportLevel, decidedBy: "policy", propensity };
  };
}

/**
 * Lets a learner work for so many steps, or until they give up, and keeps what was seen. Nothing is done before the
 * first step.
 */
export function recordSession(
  learner: SimulatedLearner,
  steps: number,
  voices: Voices | undefined,
  choose: ChooseSupport,
): RecordedSession {
  const recorded: RecordedStep[] = [];
  let level: SupportLevel = 0;
  while (recorded.length < steps && !learner.done) {
    const step = learner.next(level);
    const { at, behavior, context, utterance, correct } = step.observed;
    const seen: Moment = { at, behavior, context, reading: voices?.readingOf(utterance) };
    const intervention = choose(seen, step);
    level = intervention.level;
    recorded.push({ moment: { ...seen, intervention }, correct, latent: step.latent });
  }
  return { learner: learner.index, group: learner.group, steps: recorded };
}

/**
 * Sessions of a whole cohort with support by chance; the same seed gives the same sessions, learner by learner.
 * @param share as `supportByChance`
 */
export function recordCohort(
  cohort: readonly SimulatedLearner[],
  steps: number,
  voices: Voices | undefined,
  { share, seed }: { readonly share: number; readonly seed: number },
): readonly RecordedSession[] {
  return cohort.map((learner) =>
    recordSession(
      learner,
      steps,
      voices,
      supportByChance(share, Random.seeded(seed, `support ${learner.index}`)),
    ),
  );
}

/** Sessions from which the usual values are taken: past a few thousand steps a median stands still. */
const populationSessions = 500;

/** What is usual among the first sessions. It knows no items: whoever uses it elsewhere has others. */
export function gatherPopulation(sessions: readonly RecordedSession[]): PopulationStatistics {
  const population = new PopulationStatistics();
  for (const { steps } of sessions.slice(0, populationSessions)) {
    for (const { moment } of steps) {
      if (moment.behavior !== undefined) observeBehavior(moment.behavior, { population });
    }
  }
  return population;
}
