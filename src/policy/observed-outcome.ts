/** @file What came of a decision, from what any platform can log: right answers after it, the time they took, giving up. */
import { z } from "zod";

/** How an outcome is measured. */
export const outcomeMeasureSchema = z.strictObject({
  /** Steps of work after the decision that are looked at. */
  horizon: z.int().min(2).default(8),
  /**
   * Of these the first so many count for time only: the answers given with the help still at hand show the help, not
   * what was learned.
   */
  assisted: z.int().min(0).default(1),
  /** Right answers that a minute of the learner's time must bring to be worth it. */
  minutePrice: z.number().min(0).default(0.05),
  /** Right answers that a learner who gives up the session costs. */
  dropoutPrice: z.number().min(0).default(1),
});

/** How an outcome is measured, every default filled in. */
export type OutcomeMeasure = z.output<typeof outcomeMeasureSchema>;

/** A step of work after a decision, as a platform logs it. */
export interface FollowingStep {
  readonly correct: boolean;
  /** How hard the task is, [0, 1], where the platform says. */
  readonly difficulty?: number | undefined;
  /** The learner's time on it, an intervention before it included, minutes. */
  readonly minutes: number;
  /** Whether the learner gave up the session at it. */
  readonly dropped?: boolean | undefined;
}

/** A right answer counts 0.5 to 1.5 by the task's difficulty; 1 where that is not known. */
const weigh = (difficulty = 0.5): number => 0.5 + difficulty;

/**
 * Outcome of a decision over the next H steps, the first A of them assisted:
 *
 *     Y = Σ_{j=A+1..H} w(d_j) · 1[right_j] − price · Σ_{j=1..H} minutes_j − dropout price · 1[gave up within H]
 *
 * Everything in it is observed; what the learner truly knows is not. Linear in time, so that a policy which maximises it
 * at the right price maximises right answers per time.
 * @param following steps after the decision, in order, at least H unless the learner gave up
 * @returns in right answers; `undefined` where the session ended otherwise before H steps, and nothing can be said
 * @source price of time in place of a ratio: Dinkelbach, "On nonlinear fractional programming", 1967.
 */
export function measureOutcome(
  following: readonly FollowingStep[],
  { horizon, assisted, minutePrice, dropoutPrice }: OutcomeMeasure,
): number | undefined {
  let outcome = 0;
  for (let place = 0; place < horizon; place++) {
    const step = following[place];
    if (step === undefined) return undefined;
    if (step.correct && place >= assisted) outcome += weigh(step.difficulty);
    outcome -= minutePrice * step.minutes;
    if (step.dropped === true) return outcome - dropoutPrice;
  }
  return outcome;
}
