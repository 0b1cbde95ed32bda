/** @file Estimates as sums of quotients of totals: one form for all off-policy estimators, so that one derivation gives each its intervals. */
import { type BootstrapOptions, bootstrap } from "../metrics/bootstrap.js";

/** Two columns whose totals are divided, `[rows]` or, pooled, `[learners]`. */
export interface Quotient {
  readonly over: Float64Array;
  readonly under: Float64Array;
}

/** An estimate: the sum of its quotients. */
export type Quotients = readonly Quotient[];

/** A 95 % interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** An estimate with how far it could be off by chance; never with its bias. */
export interface Estimate {
  readonly value: number;
  /** Linearised, by learner; `null` with a single learner. */
  readonly standardError: number | null;
  /** value ± 1.96 standard errors; `null` with a single learner. */
  readonly linearised: Interval | null;
  /** Percentiles over resampled learners; `null` with a single learner, or where some resample had no value. */
  readonly bootstrap: Interval | null;
}

/** 97.5th percentile of the standard normal distribution. */
export const normalQuantile = 1.959963984540054;

/** Sums rows that belong to one learner. */
export function poolByLearner(
  quotients: Quotients,
  { learner, learners }: { readonly learner: Int32Array; readonly learners: number },
): Quotients {
  const pool = (column: Float64Array): Float64Array => {
    const sums = new Float64Array(learners);
    for (let i = 0; i < column.length; i++) {
      const g = learner[i] as number;
      sums[g] = (sums[g] as number) + (column[i] as number);
    }
    return sums;
  };
  return quotients.map(({ over, under }) => ({ over: pool(over), under: pool(under) }));
}

/** θ = Σₖ Nₖ / Dₖ, N and D being totals; NaN where a D is 0. */
function total(quotients: Quotients, indices: Int32Array): number {
  let value = 0;
  for (const { over, under } of quotients) {
    let n = 0;
    let d = 0;
    for (let i = 0; i < indices.length; i++) {
      const g = indices[i] as number;
      n += over[g] as number;
      d += under[g] as number;
    }
    value += n / d;
  }
  return value;
}

/**
 * Value and standard error of an estimate, learners being independent of each other and their rows not.
 *
 *     θ = Σₖ θₖ,  θₖ = Σ_g Nₖ_g / Σ_g Dₖ_g
 *     z_g = Σₖ (Nₖ_g − θₖ Dₖ_g) / Σ_h Dₖ_h            (first-order Taylor term of learner g; Σ_g z_g = 0)
 *     se² = G / (G − 1) · Σ_g z_g²                    (G learners)
 *
 * @param pooled columns `[learners]`
 * @returns standard error `null` with a single learner, of which nothing is learned about others
 * @source Särndal, Swensson & Wretman, "Model Assisted Survey Sampling", 1992, chapter 5 (linearisation of ratios);
 *   Liang & Zeger, "Longitudinal data analysis using generalized linear models", 1986 (sums over clusters).
 */
export function linearise(pooled: Quotients): {
  readonly value: number;
  readonly standardError: number | null;
} {
  const learners = pooled[0]?.over.length ?? 0;
  const z = new Float64Array(learners);
  let value = 0;
  for (const { over, under } of pooled) {
    const n = over.reduce((sum, one) => sum + one, 0);
    const d = under.reduce((sum, one) => sum + one, 0);
    const ratio = n / d;
    value += ratio;
    for (let g = 0; g < learners; g++)
      z[g] = (z[g] as number) + ((over[g] as number) - ratio * (under[g] as number)) / d;
  }
  if (learners < 2) return { value, standardError: null };
  const squares = z.reduce((sum, one) => sum + one * one, 0);
  return { value, standardError: Math.sqrt((learners / (learners - 1)) * squares) };
}

/** An estimate, and the number of resamples in which it had no value because no weight was drawn. */
export interface Estimated {
  readonly estimate: Estimate;
  readonly undefinedResamples: number;
}

/**
 * Estimates with both intervals; all share the same resamples of learners.
 * @param pooled by name, columns `[learners]`
 * @source Field & Welsh, "Bootstrapping clustered data", 2007 (clusters drawn whole).
 */
export function estimate<Name extends string>(
  pooled: Readonly<Record<Name, Quotients>>,
  learners: number,
  options: BootstrapOptions,
): Record<Name, Estimated> {
  const entries = Object.entries(pooled) as [Name, Quotients][];
  const missing = new Map(entries.map(([name]) => [name, 0]));
  const measure = (indices: Int32Array): Record<Name, number> => {
    const values = entries.map(([name, quotients]) => {
      const value = total(quotients, indices);
      if (Number.isNaN(value)) missing.set(name, (missing.get(name) ?? 0) + 1);
      return [name, value] as const;
    });
    return Object.fromEntries(values) as Record<Name, number>;
  };
  const figures = learners < 2 ? undefined : bootstrap(learners, measure, options);
  const results = entries.map(([name, quotients]): [Name, Estimated] => {
    const { value, standardError } = linearise(quotients);
    const undefinedResamples = missing.get(name) ?? 0;
    const figure = undefinedResamples === 0 ? figures?.[name] : undefined;
    const margin = normalQuantile * (standardError ?? 0);
    return [
      name,
      {
        undefinedResamples,
        estimate: {
          value,
          standardError,
          linearised: standardError === null ? null : { low: value - margin, high: value + margin },
          bootstrap: figure ? { low: figure.low, high: figure.high } : null,
        },
      },
    ];
  });
  return Object.fromEntries(results) as Record<Name, Estimated>;
}
