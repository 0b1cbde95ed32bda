/** @file Where a learner is heading: direction, volatility and course of affect over their last messages, and what has lasted since when. */
import { AppError } from "../base/errors.js";
import { quantile } from "../metrics/bootstrap.js";
import { type Course, type CourseTest, countNeeded, testCourse } from "./course.js";
import { findOngoing, type Ongoing } from "./ongoing.js";
import { estimateSlope, type Slope } from "./robust-slope.js";
import { type AffectMoment, type AffectPoint, arrangeSeries, type SeriesRepairs } from "./series.js";

/** `stable`: enough readings, and their order shows no course; `too-little-data`: no order of so few could. */
export type TrajectoryState = Course | "stable" | "too-little-data";

/** How valence or readiness moves. */
export interface Movement extends Slope {
  /**
   * How much one reading differs from the next, as a robust standard deviation on the measure's own scale:
   * 1.4826 · median |vᵢ₊₁ − vᵢ| / √2; 0 with fewer than two readings.
   */
  readonly volatility: number;
}

/** What a learner's last readings say taken together. */
export interface Trajectory {
  readonly state: TrajectoryState;
  /** The evidence, in the order of `courses`; empty where there was too little data. */
  readonly tests: readonly CourseTest[];
  /** What the smallest p-value had to reach: α / 4. */
  readonly level: number;
  /** Readings looked at: the last `window`, fewer where there were fewer. */
  readonly readings: number;
  /** What slopes are for each of: an hour, or a message where there is no clock. */
  readonly per: "hour" | "message";
  /** Pleasure, [0, 1]. */
  readonly valence: Movement;
  /** Readiness by the text alone, [0, 1]. */
  readonly readiness: Movement;
  /** Negative emotions and low readiness that show in the last reading, with their beginnings. */
  readonly ongoing: readonly Ongoing[];
  readonly repairs: SeriesRepairs;
}

/** How to look back. */
export interface TrajectoryOptions {
  /** Last readings looked at, 5 to 512; 64 unless told. Bounds the work whatever the history's length. */
  readonly window?: number | undefined;
  /** Probability with which a series whose order says nothing is given a course, .004 to .2; .05 unless told. */
  readonly alpha?: number | undefined;
  /** `time`: `at` is in ms and slopes are for each hour; `index`: `at` counts messages. `time` unless told. */
  readonly clock?: "time" | "index" | undefined;
  /** Gap that ends a run of something ongoing, ms; an hour unless told (an assumption). Without a clock nothing is silence. */
  readonly longestSilenceMs?: number | undefined;
}

const millisecondsPerHour = 3_600_000;

/** Makes the median distance of two normal draws their standard deviation. */
const madToDeviation = 1.482602218505602;

/**
 * Describes a learner's course. Moments may come in any order, twice, or without a reading: see `repairs`.
 *
 * Slopes are for each hour, since gaps between messages are uneven and a fall within a minute is not one within a day;
 * where a platform has no clock they are for each message. The course itself is tested on order alone, so no gap,
 * however long, has leverage on it.
 *
 * The volatility is that of successive differences, which a slow trend does not inflate, taken from their median, which
 * single outliers do not. It is not divided by √Δt: that is right for a wandering state read without error, but where
 * readings err, as they do, two messages sent in the same second would count without bound.
 *
 * The error rate is that of one look. Who looks after every message of a session looks often: see docs/trajectory.md.
 * @throws INPUT_TYPE where a time or a reading cannot be true; CONFIG_INVALID for options out of range
 * @source von Neumann et al., "The mean square successive difference", 1941; Jahng, Wood & Trull, "Analysis of affective
 *   instability in ecological momentary assessment", Psychological Methods 13, 2008. Slopes and tests at their own place.
 */
export function describeTrajectory(
  moments: readonly AffectMoment[],
  options: TrajectoryOptions = {},
): Trajectory {
  const { window = 64, alpha = 0.05, clock = "time", longestSilenceMs = millisecondsPerHour } = options;
  checkRange("window", window, 5, 512);
  checkRange("alpha", alpha, 0.004, 0.2);
  checkRange("longestSilenceMs", longestSilenceMs, 0, Number.POSITIVE_INFINITY);
  const { points, repairs } = arrangeSeries(moments);
  const recent = points.slice(-Math.floor(window));
  const start = recent[0]?.at ?? 0;
  const unit = clock === "time" ? millisecondsPerHour : 1;
  const times = recent.map(({ at }) => (at - start) / unit);
  const valence = recent.map(readValence);
  const readiness = recent.map(readReadiness);
  const verdict = recent.length < countNeeded(alpha) ? undefined : testCourse(valence, readiness, alpha);
  return {
    state: verdict === undefined ? "too-little-data" : (verdict.course ?? "stable"),
    tests: verdict?.tests ?? [],
    level: alpha / 4,
    readings: recent.length,
    per: clock === "time" ? "hour" : "message",
    valence: describeMovement(times, valence),
    readiness: describeMovement(times, readiness),
    ongoing: findOngoing(points, {
      longestSilence: clock === "time" ? longestSilenceMs : Number.POSITIVE_INFINITY,
    }),
    repairs,
  };
}

const readValence = ({ reading }: AffectPoint): number => reading.pad[0];

const readReadiness = ({ reading }: AffectPoint): number => reading.readiness;

function describeMovement(times: readonly number[], values: readonly number[]): Movement {
  const steps = Float64Array.from({ length: Math.max(0, values.length - 1) }, (_, i) =>
    Math.abs((values[i + 1] as number) - (values[i] as number)),
  ).sort();
  return {
    ...estimateSlope(times, values),
    volatility: steps.length === 0 ? 0 : (madToDeviation * quantile(steps, 0.5)) / Math.SQRT2,
  };
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new AppError(
    "CONFIG_INVALID",
    `trajectory: ${name}: expected a number from ${least} to ${most}, got ${value}; leave it out for the usual one`,
  );
}
