/** @file Compared policies as JSON, as a table for a terminal and as words: every figure says that it is simulated. */
import type { Figure } from "../metrics/bootstrap.js";
import {
  type Comparison,
  comparedGroups,
  findDifference,
  type Measure,
  measures,
} from "../simulation-lab/comparison.js";
import type { BentComparison } from "../simulation-lab/experiment.js";

/** A simulated comparison with what it was made of. All of it is JSON. */
export interface PolicyReport {
  readonly formatVersion: 1;
  readonly simulated: true;
  readonly comparedAt: string;
  readonly seeds: readonly number[];
  readonly learnersPerSeed: number;
  readonly steps: number;
  /** Split of the learner corpus whose messages were written. */
  readonly split: string;
  readonly models: Readonly<Record<string, string>>;
  readonly comparison: Comparison;
  readonly sensitivity: readonly BentComparison[];
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

/** How each measure is written. */
export const writeMeasure: Readonly<Record<Measure, (x: number) => string>> = {
  gainPerHour: (x) => x.toFixed(3),
  gain: (x) => x.toFixed(3),
  troubledShare: percent,
  interruptionsPerHour: (x) => x.toFixed(1),
  dropouts: percent,
};

/** A figure with its interval. */
export function writeFigure({ value, low, high }: Figure, measure: Measure): string {
  const write = writeMeasure[measure];
  return `${write(value)} [${write(low)}, ${write(high)}]`;
}

/** `better`, `worse` or `open`: where the interval of a difference lies. */
export function judgeDifference({ low, high }: Figure): "better" | "worse" | "open" {
  if (low > 0) return "better";
  return high < 0 ? "worse" : "open";
}

/** A claim that was wanted of the learned policy, and how it stands. */
export interface Verdict {
  readonly claim: string;
  readonly met: boolean;
  readonly found: string;
}

/** What was wanted, against what was found; claims about policies that were not run are left out. */
export function judgeComparison(comparison: Comparison): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  for (const against of ["never", "always-mild"]) {
    const difference = findDifference(comparison, "learned", against, "gainPerHour");
    if (difference === undefined) continue;
    verdicts.push({
      claim: `learned gains more per hour than ${against}`,
      met: difference.low > 0,
      found: writeFigure(difference, "gainPerHour"),
    });
  }
  const interruptions = findDifference(comparison, "learned", "rule", "interruptionsPerHour");
  if (interruptions !== undefined) {
    verdicts.push({
      claim: "learned interrupts no more than rule",
      met: interruptions.value <= 0,
      found: writeFigure(interruptions, "interruptionsPerHour"),
    });
  }
  const { shareOfOracle } = comparison;
  if (shareOfOracle !== undefined) {
    const { value, low, high } = shareOfOracle;
    verdicts.push({
      claim: "learned reaches 60 % of the oracle's gain over never",
      met: value >= 0.6,
      found: `${percent(value)} [${percent(low)}, ${percent(high)}]`,
    });
  }
  return verdicts;
}

/** Where the learned policy no longer gains more than another, in words; empty where it always does. */
export function listReversals(sensitivity: readonly BentComparison[]): readonly string[] {
  return sensitivity.flatMap(({ bent, factor, comparison }) =>
    ["never", "always-mild", "rule"].flatMap((against) => {
      const difference = findDifference(comparison, "learned", against, "gainPerHour");
      if (difference === undefined || difference.low > 0) return [];
      const how = difference.high < 0 ? "loses to" : "is not shown to beat";
      const what = bent === "all" ? "all assumptions" : `assumptions ${bent}*`;
      return [`${what} × ${factor}: learned ${how} ${against} (${writeFigure(difference, "gainPerHour")})`];
    }),
  );
}

/** Lays cells out, the first column to the left. */
function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}

const heads: Readonly<Record<Measure, string>> = {
  gainPerHour: "gain/hour",
  gain: "gain/session",
  troubledShare: "stuck or bored",
  interruptionsPerHour: "interruptions/hour",
  dropouts: "gave up",
};

/** The comparison as lines of text. */
export function renderPolicyTable(report: PolicyReport): string {
  const { comparison, seeds, steps, split, sensitivity } = report;
  const { policies, learners } = comparison;
  const main = align([
    ["simulated", ...measures.map((name) => heads[name])],
    ...policies.map(({ policy, groups }) => [
      policy,
      ...measures.map((name) => writeFigure(groups.all[name], name)),
    ]),
  ]);
  const groups = align([
    ["simulated gain/hour", ...comparedGroups.slice(1).map((group) => `${group} knowledge`)],
    ...policies.map(({ policy, groups: own }) => [
      policy,
      ...comparedGroups.slice(1).map((group) => writeFigure(own[group].gainPerHour, "gainPerHour")),
    ]),
  ]);
  const verdicts = judgeComparison(comparison).map(
    ({ claim, met, found }) => `${met ? "yes" : "NO "}  ${claim}: ${found}`,
  );
  const reversals = listReversals(sensitivity);
  const bent =
    sensitivity.length === 0
      ? []
      : [
          "",
          "Where the learned policy stops winning, assumptions bent:",
          ...(reversals.length > 0 ? reversals : ["nowhere"]),
        ];
  return [
    `SIMULATED: ${learners.toLocaleString("en-US")} learners of seeds ${seeds.join(", ")}, up to ${steps} steps, messages of the ${split} split`,
    "",
    ...main,
    "",
    ...groups,
    "",
    ...verdicts,
    ...bent,
    "",
    "Gain: growth of mean p(known) of the simulator's true knowledge. In brackets: 95 % intervals over learners; policies",
    "met the same learners with the same luck. It shows that the pipeline can learn what helps, not that this helps people.",
    "",
  ].join("\n");
}
