/** @file Whether a log can speak for another policy at all: effective rows, weights, levels never tried, and warnings in words. */
import { levelCount } from "./logged-choice.js";
import type { Estimate } from "./quotient.js";
import type { WeightedLog } from "./weighted-log.js";

/** Where a warning begins. The defaults are assumptions, to be set to the cost of a wrong decision. */
export interface SupportLimits {
  /** Least effective rows as a share of rows; 0.1 by default. */
  readonly effectiveShare: number;
  /** Largest weight of a row; 20 by default. */
  readonly weight: number;
  /** Most of the judged policy's mass on levels the log cannot speak for; 0.01 by default. */
  readonly unsupportedMass: number;
  /** Fewest learners for intervals that rest on many; 30 by default. */
  readonly learners: number;
}

/** The limits where none are given. */
export const defaultLimits: SupportLimits = {
  effectiveShare: 0.1,
  weight: 20,
  unsupportedMass: 0.01,
  learners: 30,
};

/** How well the log covers what the judged policy would do. */
export interface PolicySupport {
  /** Kish's effective number of rows, (Σw)² / Σw²; 0 where all weights are 0. */
  readonly effectiveRows: number;
  /** Effective rows as a share of rows, [0, 1]. */
  readonly effectiveShare: number;
  readonly largestWeight: number;
  /** Rows whose weight is above the limit. */
  readonly rowsOverLimit: number;
  /** Expected to be 1; less where the judged policy wants what is never logged, anything where propensities are wrong. */
  readonly meanWeight: Estimate;
  /** How often each level was logged, `[6]`. */
  readonly logged: readonly number[];
  /** Share of the judged policy's mass on levels that were logged in no row, [0, 1]. */
  readonly neverLoggedMass: number;
  /** Share of its mass on levels whose logging probability is 0 in that very row, [0, 1]; `null` without `logging`. */
  readonly unsupportedMass: number | null;
}

/**
 * (Σw)² / Σw²: rows of equal weight that would vary as much. Weights are scaled first, so that no square overflows.
 * @source Kish, "Survey Sampling", 1965.
 */
export function countEffective(weights: Float64Array): number {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0);
  if (largest === 0) return 0;
  let sum = 0;
  let squares = 0;
  for (const weight of weights) {
    sum += weight / largest;
    squares += (weight / largest) ** 2;
  }
  return (sum * sum) / squares;
}

/** Measures how far a log speaks for the judged policy. */
export function measureSupport(log: WeightedLog, meanWeight: Estimate, limits: SupportLimits): PolicySupport {
  const logged = new Array<number>(levelCount).fill(0);
  for (const { level } of log.choices) logged[level] = (logged[level] as number) + 1;
  let neverLogged = 0;
  let unsupported = 0;
  for (const { target, logging } of log.choices) {
    target.forEach((probability, level) => {
      if (logged[level] === 0) neverLogged += probability;
      if (logging?.[level] === 0) unsupported += probability;
    });
  }
  const effectiveRows = countEffective(log.weight);
  return {
    effectiveRows,
    effectiveShare: effectiveRows / log.rows,
    largestWeight: log.weight.reduce((most, weight) => Math.max(most, weight), 0),
    rowsOverLimit: log.weight.reduce((count, weight) => count + (weight > limits.weight ? 1 : 0), 0),
    meanWeight,
    logged,
    neverLoggedMass: neverLogged / log.rows,
    unsupportedMass: log.choices[0]?.logging === undefined ? null : unsupported / log.rows,
  };
}

/** What is wrong with a log. */
export type OffPolicyWarningCode =
  | "left_out"
  | "few_learners"
  | "low_effective_size"
  | "large_weights"
  | "levels_never_logged"
  | "levels_unsupported"
  | "mean_weight_off"
  | "undefined_resamples";

/** A reason not to trust the estimates, for programs and in words. */
export interface OffPolicyWarning {
  readonly code: OffPolicyWarningCode;
  readonly message: string;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;
const short = (value: number): string => `${Number(value.toPrecision(3))}`;

/** 99.5th percentile of the standard normal: a sound log is called off in one case of a hundred. */
const alarmQuantile = 2.5758293035489;

/** Whether the mean weight is further from 1 than chance takes it; rounding alone is no reason. */
function isOff({ value, standardError }: Estimate): boolean {
  return standardError !== null && Math.abs(value - 1) > alarmQuantile * standardError + 1e-9;
}

/** The levels the judged policy wants and the log never tried. */
function listNeverLogged(log: WeightedLog, logged: readonly number[]): string {
  const isWanted = (level: number): boolean => log.choices.some(({ target }) => (target[level] ?? 0) > 0);
  return logged.flatMap((count, level) => (count === 0 && isWanted(level) ? [level] : [])).join(", ");
}

/** Puts what support lacks into words. `undefinedNames`: estimators that had no value in some resample. */
export function listWarnings(
  log: WeightedLog,
  support: PolicySupport,
  limits: SupportLimits,
  { leftOut, undefinedNames }: { readonly leftOut: number; readonly undefinedNames: readonly string[] },
): OffPolicyWarning[] {
  const { effectiveRows, effectiveShare, largestWeight, rowsOverLimit, meanWeight, unsupportedMass } =
    support;
  const warnings: OffPolicyWarning[] = [];
  const warn = (code: OffPolicyWarningCode, message: string): number => warnings.push({ code, message });
  if (leftOut > 0) {
    const share = percent(leftOut / (leftOut + log.rows));
    warn(
      "left_out",
      `${leftOut} rows (${share}) without a propensity are left out; sound only if they lack it by chance`,
    );
  }
  if (log.learners < limits.learners) {
    const remedy = log.learners < 2 ? "there is no interval" : "intervals are too short";
    warn("few_learners", `${log.learners} of at least ${limits.learners} learners: ${remedy}`);
  }
  if (effectiveShare < limits.effectiveShare) {
    const size = `${short(effectiveRows)} of ${log.rows} rows (${percent(effectiveShare)})`;
    warn(
      "low_effective_size",
      `the log is worth ${size}, less than ${percent(limits.effectiveShare)}: the policies differ too much`,
    );
  }
  if (rowsOverLimit > 0) {
    warn(
      "large_weights",
      `${rowsOverLimit} rows weigh more than ${limits.weight}, at most ${short(largestWeight)}: few rows decide`,
    );
  }
  if (support.neverLoggedMass > limits.unsupportedMass) {
    const levels = listNeverLogged(log, support.logged);
    warn(
      "levels_never_logged",
      `${percent(support.neverLoggedMass)} of the choices fall on levels never logged (${levels}): only the outcome model speaks for them`,
    );
  }
  if (unsupportedMass !== null && unsupportedMass > limits.unsupportedMass) {
    warn(
      "levels_unsupported",
      `${percent(unsupportedMass)} of the choices have propensity 0 where they would be made: only the outcome model speaks for them`,
    );
  }
  if (isOff(meanWeight)) {
    warn(
      "mean_weight_off",
      `the mean weight is ${short(meanWeight.value)}, not 1: propensities are wrong, or levels are wanted that cannot be logged`,
    );
  }
  if (undefinedNames.length > 0) {
    warn(
      "undefined_resamples",
      `some resamples hold no weight, so that ${undefinedNames.join(", ")} have no bootstrap interval`,
    );
  }
  return warnings;
}
