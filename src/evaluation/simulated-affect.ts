/** @file Series of readings made up with a known course, to measure how often a trajectory is told wrongly: simulated, no learner wrote them. */
import type { Random } from "../base/random.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { AffectMoment } from "../trajectory/series.js";

/** True courses. `wandering` has no course either, but each reading leans on the one before (AR(1), .3). */
export const trueCourses = [
  "flat",
  "wandering",
  "rising",
  "falling",
  "fell, then rose",
  "fell and stayed",
  "swinging",
] as const;

/** A true course. */
export type TrueCourse = (typeof trueCourses)[number];

/** A series to make up. */
export interface SimulatedAffect {
  readonly course: TrueCourse;
  readonly length: number;
  /** From the highest to the lowest point of the course, on the scale of readings, [0, 1]. */
  readonly change: number;
  /** Readings before the course begins, flat; none unless told. */
  readonly lead?: number;
}

/** Spread of a reading around the course: about the text model's error of pleasure and readiness (assumption). */
export const readingNoise = 0.12;

/** Correlation of the two measures' noise: both are read from the same words (assumption). */
const noiseCorrelation = 0.6;

/** Lean of a wandering reading on the one before. */
const wanderingLean = 0.3;

/** Median gap between messages, ms, and the spread of its logarithm: bursts and long pauses (assumptions). */
const gap = { median: 60_000, logSpread: 1.3 };

const anyEmotion: readonly number[] = emotionIds.map(() => 1 / emotionIds.length);

/**
 * Student's t with three degrees of freedom, scaled to a standard deviation of 1: of a thousand readings about six lie
 * beyond four deviations, where the normal distribution has none.
 */
export function drawHeavyTailed(random: Random): number {
  const square = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
  return random.normal() / Math.sqrt(square);
}

/** Height of a course at a share of its way, in [0, 1] of the change. */
function heightOf(course: TrueCourse, share: number, place: number): number {
  switch (course) {
    case "rising":
      return share;
    case "falling":
      return 1 - share;
    case "fell, then rose":
      return Math.abs(1 - 2 * share);
    case "fell and stayed":
      return Math.max(0, 1 - 2 * share);
    case "swinging":
      return place % 2;
    default:
      return 0.5;
  }
}

/**
 * Moments of a series, with uneven gaps (messages of the same second included), heavy-tailed noise that the two measures
 * share in part, and readings cut off at 0 and 1, which makes some of them equal.
 */
export function simulateAffect(
  { course, length, change, lead = 0 }: SimulatedAffect,
  random: Random,
): AffectMoment[] {
  let at = 0;
  let leans = [0, 0];
  return Array.from({ length }, (_, i): AffectMoment => {
    // Clocks of platforms count whole seconds.
    at += Math.round((gap.median / 1000) * Math.exp(gap.logSpread * random.normal())) * 1000;
    const place = Math.max(0, i - lead);
    const height = heightOf(course, place / Math.max(1, length - 1 - lead), place) - 0.5;
    const shared = drawHeavyTailed(random);
    const [valence = 0, readiness = 0] = leans.map((before) => {
      const own = drawHeavyTailed(random);
      const noise = Math.sqrt(noiseCorrelation) * shared + Math.sqrt(1 - noiseCorrelation) * own;
      return course === "wandering"
        ? wanderingLean * before + Math.sqrt(1 - wanderingLean ** 2) * noise
        : noise;
    });
    leans = [valence, readiness];
    const read = (noise: number): number =>
      Math.min(1, Math.max(0, 0.5 + change * height + readingNoise * noise));
    return {
      at,
      reading: { emotion: anyEmotion, pad: [read(valence), 0.5, 0.5], readiness: read(readiness) },
    };
  });
}
