/** @file How often a trajectory's state is wrong, how often it is found and how late, and whether slopes hold their intervals, on simulated series. */
import { Random } from "../base/random.js";
import { quantile } from "../metrics/bootstrap.js";
import { type Course, courses } from "../trajectory/course.js";
import type { AffectMoment } from "../trajectory/series.js";
import { describeTrajectory, type Trajectory, type TrajectoryState } from "../trajectory/trajectory.js";
import { simulateAffect, type TrueCourse, trueCourses } from "./simulated-affect.js";

/** A share with its 95 % interval. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** False alarms of one state on series whose order says nothing. */
export interface FalseAlarms extends Share {
  readonly state: Course | "any";
  /** What was promised. */
  readonly stated: number;
}

/** How often each state was told of series of one true course and length. */
export interface StateShares {
  readonly truth: TrueCourse;
  readonly length: number;
  readonly series: number;
  readonly shares: Readonly<Record<TrajectoryState, number>>;
}

/** When a course that begins after 15 flat readings is first told, looking after every reading. */
export interface Delay {
  readonly truth: TrueCourse;
  /** Readings from the beginning of the course to the first right state: median and 90th percentile; ∞ where it was not found within 45. */
  readonly median: number;
  readonly p90: number;
  /** Share in which it was found. */
  readonly found: number;
}

/** How well a slope is estimated. */
export interface SlopeFigures {
  readonly truth: "flat" | "rising";
  readonly estimator: "Theil–Sen" | "least squares";
  /** Share of 95 % intervals that hold the true slope. */
  readonly covered: Share;
  /** Root mean square error and mean width of the interval, of a reading for each hundred minutes. */
  readonly error: number;
  readonly width: number;
}

/** What was measured. All of it on simulated series. */
export interface TrajectoryFigures {
  readonly seed: number;
  readonly nullSeries: number;
  readonly falseAlarms: readonly FalseAlarms[];
  readonly states: readonly StateShares[];
  readonly delays: readonly Delay[];
  /** Share of flat sessions of 30 readings in which looking after every reading raised an alarm at least once. */
  readonly alarmInSession: Share;
  readonly slopes: readonly SlopeFigures[];
}

/** How much to measure. */
export interface TrajectoryMeasurement {
  readonly seed?: number;
  /** Series for the false alarms, of 8 to 40 readings; 24,000 unless told. */
  readonly nullSeries?: number;
  /** Series for each cell of the table of states; 400 unless told. */
  readonly series?: number;
  /** Sessions for the delays; 100 unless told. */
  readonly sessions?: number;
}

/** Change from highest to lowest of every simulated course: two and a half times the noise. */
export const measuredChange = 0.3;

const measuredLengths = [6, 12, 24, 48];
const flatLead = 15;
const followed = 45;

/** Measures the trajectory's error rates and power. The same seed gives the same figures. */
export function measureTrajectory(options: TrajectoryMeasurement = {}): TrajectoryFigures {
  const { seed = 1, nullSeries = 24_000, series = 400, sessions = 100 } = options;
  const random = (stream: string): Random => Random.seeded(seed, stream);
  return {
    seed,
    nullSeries,
    falseAlarms: measureFalseAlarms(nullSeries, random("null")),
    states: measuredLengths.flatMap((length) =>
      trueCourses.map((truth) => measureStates(truth, length, series, random(`${truth} ${length}`))),
    ),
    delays: (["rising", "falling", "fell, then rose", "swinging"] as const).map((truth) =>
      measureDelay(truth, sessions, random(`delay ${truth}`)),
    ),
    alarmInSession: measureAlarmInSession(sessions, random("session")),
    slopes: (["flat", "rising"] as const).flatMap((truth) =>
      measureSlopes(truth, series, random(`slope ${truth}`)),
    ),
  };
}

/**
 * Wilson's interval of a share.
 * @source Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
 */
export function estimateShare(hits: number, total: number): Share {
  const z2 = 1.959964 ** 2;
  const share = hits / total;
  const middle = (share + z2 / (2 * total)) / (1 + z2 / total);
  const reach =
    (Math.sqrt((z2 * share * (1 - share)) / total + z2 ** 2 / (4 * total ** 2)) / (total + z2)) * total;
  return { share, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

function measureFalseAlarms(total: number, random: Random): FalseAlarms[] {
  const told = countStates(total, () =>
    describeTrajectory(simulateAffect({ course: "flat", length: 8 + random.below(33), change: 0 }, random)),
  );
  const any = courses.reduce((sum, course) => sum + told[course], 0);
  return [
    ...courses.map((state) => ({ state, stated: 0.05 / 4, ...estimateShare(told[state], total) })),
    { state: "any", stated: 0.05, ...estimateShare(any, total) },
  ];
}

function countStates(total: number, describe: () => Trajectory): Record<TrajectoryState, number> {
  const counts = {
    improving: 0,
    declining: 0,
    recovering: 0,
    volatile: 0,
    stable: 0,
    "too-little-data": 0,
  };
  for (let i = 0; i < total; i++) counts[describe().state]++;
  return counts;
}

function measureStates(truth: TrueCourse, length: number, series: number, random: Random): StateShares {
  const counts = countStates(series, () =>
    describeTrajectory(simulateAffect({ course: truth, length, change: measuredChange }, random)),
  );
  const shares = Object.fromEntries(
    Object.entries(counts).map(([state, count]) => [state, count / series]),
  ) as Record<TrajectoryState, number>;
  return { truth, length, series, shares };
}

const rightState: Partial<Record<TrueCourse, TrajectoryState>> = {
  rising: "improving",
  falling: "declining",
  "fell, then rose": "recovering",
  swinging: "volatile",
};

function measureDelay(truth: TrueCourse, sessions: number, random: Random): Delay {
  const delays = Float64Array.from({ length: sessions }, () => {
    const length = flatLead + followed;
    // The course takes 30 readings; afterwards what it has reached goes on.
    const session = simulateAffect(
      { course: truth, length, change: 2 * measuredChange, lead: flatLead },
      random,
    );
    // A recovery can only begin to show when the rise begins, half way.
    const begins = truth === "fell, then rose" ? flatLead + (followed - 1) / 2 : flatLead;
    for (let seen = Math.ceil(begins) + 1; seen <= length; seen++) {
      if (describeTrajectory(session.slice(0, seen)).state === rightState[truth]) return seen - begins;
    }
    return Number.POSITIVE_INFINITY;
  }).sort();
  return {
    truth,
    median: pick(delays, 0.5),
    p90: pick(delays, 0.9),
    found: delays.filter(Number.isFinite).length / sessions,
  };
}

/** A quantile that is one of the values: between a number and ∞ there is no mean. */
const pick = (sorted: Float64Array, share: number): number =>
  sorted[Math.ceil(share * sorted.length) - 1] as number;

function measureAlarmInSession(sessions: number, random: Random): Share {
  let alarmed = 0;
  for (let i = 0; i < sessions; i++) {
    const session = simulateAffect({ course: "flat", length: 30, change: 0 }, random);
    const looks = session.map((_, seen) => describeTrajectory(session.slice(0, seen + 1)).state);
    if (looks.some((state) => state !== "stable" && state !== "too-little-data")) alarmed++;
  }
  return estimateShare(alarmed, sessions);
}

/** Minutes for which a slope is told: that of a reading an hour would be a small number. */
const hundredMinutes = 100 / 60;

/** Slopes over time, the true course being straight in time: flat, or `measuredChange` from the first to the last. */
function measureSlopes(truth: "flat" | "rising", total: number, random: Random): SlopeFigures[] {
  const runs = Array.from({ length: total }, () => {
    const flat = simulateAffect({ course: "flat", length: 8 + random.below(33), change: 0 }, random);
    const hours = flat.map(({ at }) => (at - (flat[0] as AffectMoment).at) / 3_600_000);
    const trueSlope = truth === "flat" ? 0 : measuredChange / (hours.at(-1) as number);
    const tilted = flat.map(({ at, reading }, i): AffectMoment => {
      const pleasure = ((reading?.pad[0] ?? 0) - 0.5) * 0.8 + 0.35 + trueSlope * (hours[i] as number);
      const pad = [Math.min(1, Math.max(0, pleasure)), 0.5, 0.5] as const;
      return { at, reading: { ...(reading as NonNullable<typeof reading>), pad } };
    });
    const values = tilted.map(({ reading }) => reading?.pad[0] as number);
    return { trueSlope, theilSen: describeTrajectory(tilted).valence, squares: fitLine(hours, values) };
  });
  return (["Theil–Sen", "least squares"] as const).map((estimator): SlopeFigures => {
    const pairs = runs.map(({ trueSlope, theilSen, squares }) => ({
      trueSlope,
      got: estimator === "Theil–Sen" ? theilSen : squares,
    }));
    const hits = pairs.filter(({ trueSlope, got }) => got.low <= trueSlope && trueSlope <= got.high).length;
    // Medians: over sessions of five minutes and of five hours a mean would be that of the shortest.
    const median = (read: (pair: (typeof pairs)[number]) => number): number =>
      quantile(Float64Array.from(pairs.map(read)).sort(), 0.5) * hundredMinutes;
    return {
      truth,
      estimator,
      covered: estimateShare(hits, total),
      error: median(({ trueSlope, got }) => Math.abs(got.slope - trueSlope)),
      width: median(({ got }) => got.high - got.low),
    };
  });
}

/** Least squares with its normal-theory interval: what Theil–Sen is held against. */
function fitLine(
  times: readonly number[],
  values: readonly number[],
): { readonly slope: number; readonly low: number; readonly high: number } {
  const n = times.length;
  const meanT = times.reduce((sum, t) => sum + t, 0) / n;
  const meanV = values.reduce((sum, v) => sum + v, 0) / n;
  const spread = times.reduce((sum, t) => sum + (t - meanT) ** 2, 0);
  const slope = times.reduce((sum, t, i) => sum + (t - meanT) * ((values[i] as number) - meanV), 0) / spread;
  const rest = times.reduce(
    (sum, t, i) => sum + ((values[i] as number) - meanV - slope * (t - meanT)) ** 2,
    0,
  );
  const freedom = n - 2;
  // Student's t at .975, Cornish–Fisher: within .01 of the table from 6 degrees of freedom on.
  const z = 1.959964;
  const t = z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  const reach = t * Math.sqrt(rest / freedom / spread);
  return { slope, low: slope - reach, high: slope + reach };
}
