/** @file Seeded percentile bootstrap: how far a figure could lie elsewhere on other rows of the same kind. */
import { AppError } from "../base/errors.js";
import { Random } from "../base/random.js";

/** A measured figure with its 95 % bootstrap interval. */
export interface Figure {
  readonly value: number;
  /** 2.5th and 97.5th percentile over resampled rows. */
  readonly low: number;
  readonly high: number;
}

/** How to resample. */
export interface BootstrapOptions {
  readonly seed: number;
  /** 1,000 by default. */
  readonly resamples?: number;
}

/** Quantile with linear interpolation, as numpy's default; values sorted ascending. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * Measures several figures on all rows and on resamples drawn with replacement; the figures share the draws.
 * @param rows number of rows; where rows come in groups that belong together, of groups, which are then drawn whole
 * @param measure figures on the rows, or groups, of the given indices (repeats included)
 * @throws DATA_INVALID where there are no rows
 * @source Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
 */
export function bootstrap<Name extends string>(
  rows: number,
  measure: (indices: Int32Array) => Readonly<Record<Name, number>>,
  { seed, resamples = 1000 }: BootstrapOptions,
): Record<Name, Figure> {
  if (rows === 0) {
    throw new AppError(
      "DATA_INVALID",
      "bootstrap: expected rows to measure on, got none; give labelled data",
    );
  }
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const whole = measure(all);
  const names = Object.keys(whole) as Name[];
  const draws = new Map(names.map((name) => [name, new Float64Array(resamples)]));
  const random = Random.seeded(seed, "bootstrap");
  const indices = new Int32Array(rows);
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < rows; i++) indices[i] = random.below(rows);
    const figures = measure(indices);
    for (const [name, values] of draws) values[round] = figures[name];
  }
  const figure = (name: Name): Figure => {
    const sorted = (draws.get(name) ?? new Float64Array()).sort();
    return { value: whole[name], low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  };
  return Object.fromEntries(names.map((name) => [name, figure(name)])) as Record<Name, Figure>;
}
