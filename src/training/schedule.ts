/** @file How the learning rate moves over a run: a factor in [0, 1] for every step. */

/** A learning-rate schedule. Every kind climbs linearly from 0 during warm-up. */
export interface Schedule {
  readonly kind: "cosine" | "linear" | "cosine-restarts" | "constant";
  /** Steps of warm-up; without it `warmupShare` counts. */
  readonly warmupSteps?: number;
  /** Share of all steps, in [0, 1). */
  readonly warmupShare?: number;
  /** `cosine-restarts`: length of the first cycle in steps (T0). Default 500. */
  readonly restartEvery?: number;
  /** `cosine-restarts`: each cycle is this times as long as the one before (T_mult, ≥ 1). Default 1. */
  readonly restartMultiplier?: number;
  /** The factor decays to this, in [0, 1]. Default 0. */
  readonly floor?: number;
}

/** Steps of warm-up in a run of `totalSteps`. */
export function warmupSteps(schedule: Schedule, totalSteps: number): number {
  return schedule.warmupSteps ?? Math.round((schedule.warmupShare ?? 0) * totalSteps);
}

/**
 * What the learning rate is multiplied by at `step` (0 for the first): in [0, 1].
 * Warm-up: (step + 1) / warm-up, so that the first step learns something and the last is at 1. Then, with progress p in
 * [0, 1]: cosine ½(1 + cos πp), linear 1 − p, each scaled to end at the floor; restarts begin the cosine anew.
 * @source Loshchilov & Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017, equation 5.
 */
export function learningRateFactor(schedule: Schedule, step: number, totalSteps: number): number {
  const warmup = warmupSteps(schedule, totalSteps);
  if (step < warmup) return (step + 1) / warmup;
  const floor = schedule.floor ?? 0;
  return floor + (1 - floor) * decay(schedule, step - warmup, totalSteps - warmup);
}

/** From 1 down to 0 over `steps` steps after warm-up. */
function decay(schedule: Schedule, step: number, steps: number): number {
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "linear":
      return 1 - progress(step, steps);
    case "cosine":
      return cosine(progress(step, steps));
    case "cosine-restarts": {
      const { elapsed, length } = cycle(step, schedule.restartEvery ?? 500, schedule.restartMultiplier ?? 1);
      return cosine(elapsed / length);
    }
  }
}

const progress = (step: number, steps: number): number => Math.min(1, step / Math.max(1, steps));

const cosine = (p: number): number => (1 + Math.cos(Math.PI * p)) / 2;

/** Where `step` lies in its cycle, and how long that cycle is. */
function cycle(step: number, first: number, multiplier: number): { elapsed: number; length: number } {
  if (multiplier === 1) return { elapsed: step % first, length: first };
  let elapsed = step;
  let length = first;
  while (elapsed >= length) {
    elapsed -= length;
    length *= multiplier;
  }
  return { elapsed, length };
}
