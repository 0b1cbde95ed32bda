/** @file A test example beside what the engine says of it, and the figures every kind of corpus shares. */
import { measureEce, measureEceFloor, measureReliability, type Outcome } from "../calibration/ece.js";
import type { Numbers } from "../calibration/probability.js";
import type { Example } from "../data/example.js";
import type { Inspection } from "../engine/composition.js";
import { type BootstrapOptions, bootstrap } from "../metrics/bootstrap.js";
import { constantError, meanAbsoluteError, pearson } from "../metrics/correlation.js";
import type { CalibrationFigures, RegressionFigures } from "./result.js";

/** An example and the engine's answer. */
export interface Judgement {
  readonly example: Example;
  readonly inspection: Inspection;
}

/** Token counts at which slices by length end. */
const lengthSlices = [8, 16, 32] as const;

/** Slice of a text by its length in tokens. */
export function lengthSlice(tokens: number): string {
  const index = lengthSlices.findIndex((end) => tokens <= end);
  if (index < 0) return `over ${lengthSlices.at(-1)} tokens`;
  return `${(lengthSlices[index - 1] ?? 0) + 1} to ${lengthSlices[index]} tokens`;
}

/** Groups by name, names sorted so that short lengths come first and reports stay the same. */
export function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): [name: string, members: T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
}

/** At most `most` of the items, evenly spread, first and last kept. */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  return Array.from(
    { length: most },
    (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))] as T,
  );
}

/** Every index below `count`. */
export function indicesBelow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** Calibration errors and reliability of the same answers before and after calibration. */
export function measureCalibration(
  before: readonly Outcome[],
  after: readonly Outcome[],
  { seed }: Pick<BootstrapOptions, "seed">,
): CalibrationFigures {
  return {
    eceBefore: measureEce(before),
    eceAfter: measureEce(after),
    eceFloor: measureEceFloor(after, seed),
    reliability: measureReliability(after),
  };
}

/** Figures of one regressed quantity, with bootstrap intervals. */
export function measureRegression(
  truths: Numbers,
  predictions: Numbers,
  options: BootstrapOptions,
): RegressionFigures {
  const measure = (indices: Int32Array) => ({
    r: pearson(truths, predictions, indices),
    mae: meanAbsoluteError(truths, predictions, indices),
  });
  return {
    rows: truths.length,
    ...bootstrap(truths.length, measure, options),
    constantMae: constantError(truths),
    points: thin(
      Array.from(
        { length: truths.length },
        (_, i) => [truths[i] as number, predictions[i] as number] as const,
      ),
      600,
    ),
  };
}
