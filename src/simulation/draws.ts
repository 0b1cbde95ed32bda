/** @file The chance of one step, drawn whole before anything is decided: two levels compared meet the same chance. */
import type { Random } from "../base/random.js";

/** Places of a step's draws; each has one meaning, whatever else happens at the step. */
export const drawPlaces = {
  skip: 0,
  bottomOut: 1,
  rapid: 2,
  hint: 3,
  secondHint: 4,
  correct: 5,
  /** Two, for one normal draw. */
  seconds: 6,
  idle: 8,
  /** Two, for one normal draw. */
  idleSeconds: 9,
  pause: 11,
  helpLatency: 12,
  relief: 13,
  /** Three of each, for up to three changes of state. */
  leave: 14,
  destination: 17,
  dropout: 20,
  write: 21,
  emotion: 22,
  utterance: 23,
  /** One a behaviour signal. */
  missing: 24,
} as const;

/** Changes of affect within one step at most. */
export const changesPerStep = 3;

const count = drawPlaces.missing + 13;

/** The draws of a step, each uniform in [0, 1). */
export class Draws {
  readonly #uniform = new Float64Array(count);

  /** Draws all afresh: always as many, so that generators stay in step. */
  fill(random: Random): void {
    for (let i = 0; i < count; i++) this.#uniform[i] = random.float();
  }

  /** The uniform draw at a place, plus an offset where a place has several. */
  at(place: keyof typeof drawPlaces, offset = 0): number {
    return this.#uniform[drawPlaces[place] + offset] as number;
  }

  /** A standard normal of the two uniforms at a place (Box–Muller). */
  normal(place: "seconds" | "idleSeconds"): number {
    return Math.sqrt(-2 * Math.log(1 - this.at(place))) * Math.cos(2 * Math.PI * this.at(place, 1));
  }
}

/** Index drawn in proportion to weights. @param share uniform in [0, 1) */
export function drawIndex(weights: ArrayLike<number>, share: number): number {
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] as number;
  let left = share * total;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    if (weight > 0) last = i;
    left -= weight;
    if (left < 0) return i;
  }
  return last;
}
