/** @file Steps of simulated learners to judge readiness by: what was known by then, and what came of the next. */
import type { PopulationStatistics } from "../behavior/statistics.js";
import type { Moment } from "../history/moment.js";
import { type EncodedMoment, encodeMoments, windowMoments } from "../readiness/features.js";
import { createCohort } from "../simulation/cohort.js";
import { gatherPopulation, type RecordedSession, recordCohort } from "../simulation/recording.js";
import type { Latent } from "../simulation/step.js";
import type { Voices } from "../simulation/voices.js";

/** A step that another follows. */
export interface JudgedStep {
  /** Position of the learner in the cohort. */
  readonly learner: number;
  /** All moments up to this step, oldest first. */
  readonly moments: readonly Moment[];
  readonly now: number;
  /** Whether the next step succeeded, 0 or 1. */
  readonly success: number;
  /** What is true after the step. */
  readonly latent: Latent;
  /** True probability of the next step's success: nobody can know more. */
  readonly chance: number;
}

/** A cohort as it is judged. */
export interface JudgedCohort {
  readonly learners: number;
  readonly steps: readonly JudgedStep[];
  /** What is usual among them, items apart. */
  readonly population: PopulationStatistics;
}

/** Which learners. */
export interface JudgedCohortOptions {
  readonly learners: number;
  readonly steps: number;
  readonly seed: number;
  readonly voices: Voices;
  /** Share of the steps after which support is given by chance. */
  readonly supportShare: number;
}

/** Lets a cohort work and lists its steps. */
export function simulateSteps(options: JudgedCohortOptions): JudgedCohort {
  const { learners, steps, seed, voices, supportShare } = options;
  const cohort = createCohort({ learners, seed, utterances: voices.pool });
  const sessions = recordCohort(cohort, steps, voices, { share: supportShare, seed });
  return { learners, steps: sessions.flatMap(listSteps), population: gatherPopulation(sessions) };
}

function listSteps({ learner, steps }: RecordedSession): JudgedStep[] {
  const moments = steps.map(({ moment }) => moment);
  return steps.slice(0, -1).flatMap(({ moment, latent }, i): JudgedStep[] => {
    const next = steps[i + 1];
    if (next === undefined) return [];
    return [
      {
        learner,
        moments: moments.slice(0, i + 1),
        now: moment.at,
        success: next.correct ? 1 : 0,
        latent,
        chance: next.latent.successProbability,
      },
    ];
  });
}

/** The behaviour of the last step alone: values `[13]` and whether each is known `[13]`, as the network gets them. */
export function lastBehavior(step: JudgedStep, population: PopulationStatistics): Float64Array {
  const features = new Float64Array(2 * signals);
  const last = encode(step, population).at(-1);
  if (last?.at === step.now && last.behavior !== undefined) {
    features.set(last.behavior.values);
    features.set(last.behavior.known, signals);
  }
  return features;
}

/** The last step's behaviour, and over the network's window the mean of each signal and the log of how often it was known: `[52]`. */
export function windowBehavior(step: JudgedStep, population: PopulationStatistics): Float64Array {
  const features = new Float64Array(4 * signals);
  features.set(lastBehavior(step, population));
  const window = encode(step, population).slice(-windowMoments);
  for (let signal = 0; signal < signals; signal++) {
    let [sum, count] = [0, 0];
    for (const { behavior } of window) {
      if (behavior?.known[signal] !== 1) continue;
      sum += behavior.values[signal] as number;
      count++;
    }
    features[2 * signals + signal] = count === 0 ? 0 : sum / count;
    features[3 * signals + signal] = Math.log1p(count);
  }
  return features;
}

/** Number of signals. */
const signals = 13;

function encode({ moments, now }: JudgedStep, population: PopulationStatistics): readonly EncodedMoment[] {
  return encodeMoments(moments, now, population, "evaluation");
}
