/** @file What a log says of another policy, as a compact table of text. */
import { type EstimatorName, estimatorNames, type OffPolicyResult } from "./off-policy.js";
import type { Estimate, Interval } from "./quotient.js";
import { isSkipped } from "./result.js";

/** Estimators in words. */
export const estimatorTitles: Readonly<Record<EstimatorName, string>> = {
  onPolicy: "logging policy (mean)",
  ips: "IPS",
  clippedIps: "clipped IPS",
  snips: "SNIPS",
  directMethod: "direct method",
  doublyRobust: "doubly robust",
  switchDr: "switch-DR",
  selfNormalisedDr: "self-normalised DR",
};

/** Digits after the point that give the largest figure four in all. */
function chooseDigits(estimates: readonly Estimate[]): number {
  const largest = Math.max(0, ...estimates.map(({ value }) => Math.abs(value)));
  if (largest === 0) return 3;
  return Math.min(12, Math.max(0, 3 - Math.floor(Math.log10(largest))));
}

const short = (value: number): string => `${Number(value.toPrecision(4))}`;

/** Lays cells out, numbers to the right of the first column. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** The table, what stands behind it and what speaks against it; lines end with a line feed. */
export function renderOffPolicy(result: OffPolicyResult): string {
  const { rows, learners, estimates, support, clipAt, switching, warnings } = result;
  const measured = estimatorNames.flatMap((name) => {
    const found = estimates[name];
    return isSkipped(found) ? [] : [[name, found] as const];
  });
  const digits = chooseDigits(measured.map(([, found]) => found));
  const write = (value: number): string => value.toFixed(digits);
  const span = (interval: Interval | null): string =>
    interval === null ? "–" : `${write(interval.low)} to ${write(interval.high)}`;
  const table = align([
    ["estimator", "value", "std. error", "95 % linearised", "95 % bootstrap"],
    ...measured.map(([name, { value, standardError, linearised, bootstrap }]) => [
      estimatorTitles[name],
      write(value),
      standardError === null ? "–" : write(standardError),
      span(linearised),
      span(bootstrap),
    ]),
  ]);
  const skipped = estimatorNames.flatMap((name) => {
    const found = estimates[name];
    return isSkipped(found) ? [`${estimatorTitles[name]}: skipped, ${found.skipped}`] : [];
  });
  const { effectiveRows, effectiveShare, largestWeight, meanWeight } = support;
  const effective = `${short(effectiveRows)} (${short(100 * effectiveShare)} %)`;
  const switched = isSkipped(switching)
    ? ""
    : `, switched at ${short(switching.at)}${switching.chosen ? " (chosen)" : ""}`;
  return [
    `${rows} rows of ${learners} learners, effective rows ${effective}`,
    `weights: mean ${short(meanWeight.value)} (1 expected), largest ${short(largestWeight)}, clipped at ${short(clipAt)}${switched}`,
    ...table,
    ...skipped,
    ...warnings.map(({ code, message }) => `warning ${code}: ${message}`),
    "",
  ].join("\n");
}
