/** @file Policies side by side on the same learners with the same luck: figures with intervals, differences pair by pair. */
import { AppError } from "../base/errors.js";
import { type BootstrapOptions, bootstrap, type Figure } from "../metrics/bootstrap.js";
import { knowledgeGroups } from "../simulation/step.js";
import type { SessionFigures } from "./closed-loop.js";

/** What policies are compared by; all of it is simulated. */
export const measures = ["gainPerHour", "gain", "troubledShare", "interruptionsPerHour", "dropouts"] as const;

/** Name of a measure. */
export type Measure = (typeof measures)[number];

/** The measures in words, with their unit. */
export const measureTitles: Readonly<Record<Measure, string>> = {
  gainPerHour: "learning gain per hour",
  gain: "learning gain per session",
  troubledShare: "share of working time stuck or bored",
  interruptionsPerHour: "interruptions per hour",
  dropouts: "share who gave up",
};

/** All learners, or those who began with a kind of knowledge. */
export const comparedGroups = ["all", ...knowledgeGroups] as const;

/** Name of a group of learners. */
export type ComparedGroup = (typeof comparedGroups)[number];

/** Figures of one policy. */
export interface PolicyFigures {
  readonly policy: string;
  readonly groups: Readonly<Record<ComparedGroup, Readonly<Record<Measure, Figure>>>>;
}

/** How much more of a measure one policy has than another, over the same learners. */
export interface Difference {
  readonly policy: string;
  readonly against: string;
  readonly measure: Measure;
  readonly difference: Figure;
}

/** A comparison. All of it is JSON, and simulated. */
export interface Comparison {
  readonly learners: number;
  readonly policies: readonly PolicyFigures[];
  /** Of every policy against every other, in gain per hour and in interruptions per hour. */
  readonly differences: readonly Difference[];
  /** (learned − never) / (oracle − never) in gain per hour; absent where one of the three was not run. */
  readonly shareOfOracle?: Figure;
}

type Row = readonly [
  hours: number,
  working: number,
  gain: number,
  troubled: number,
  interruptions: number,
  dropped: number,
];

const rowOf = (figures: SessionFigures): Row => [
  figures.hours,
  figures.workingHours,
  figures.gain,
  figures.troubledHours,
  figures.interruptions,
  figures.dropped ? 1 : 0,
];

/** Measures of learners together: time and growth are added up before they are divided, so nobody's short session weighs more. */
function measureSums(sums: Float64Array, learners: number): Record<Measure, number> {
  const [hours, working, gain, troubled, interruptions, dropped] = sums as unknown as Row;
  return {
    gainPerHour: gain / hours,
    gain: gain / learners,
    troubledShare: troubled / working,
    interruptionsPerHour: interruptions / hours,
    dropouts: dropped / learners,
  };
}

const key = (policy: string, group: string, measure: string): string => `${policy}/${group}/${measure}`;
const differenceKey = (policy: string, against: string, measure: string): string =>
  `${policy}-${against}/${measure}`;

const comparedMeasures: readonly Measure[] = ["gainPerHour", "interruptionsPerHour"];

/** Sums by group of one policy's rows at the indices; a learner's group is the same under every policy. */
function sumGroups(
  rows: readonly Row[],
  groups: Uint8Array,
  indices: Int32Array,
): { sums: Float64Array; learners: number }[] {
  const found = comparedGroups.map(() => ({ sums: new Float64Array(6), learners: 0 }));
  const all = found[0] as (typeof found)[number];
  for (const index of indices) {
    const own = found[1 + (groups[index] as number)] as (typeof found)[number];
    const row = rows[index] as Row;
    own.learners++;
    for (let column = 0; column < 6; column++)
      own.sums[column] = (own.sums[column] as number) + (row[column] as number);
  }
  for (const { sums, learners } of found.slice(1)) {
    all.learners += learners;
    for (let column = 0; column < 6; column++)
      all.sums[column] = (all.sums[column] as number) + (sums[column] as number);
  }
  return found;
}

/**
 * Compares policies. Intervals are at 95 %, over learners drawn again, the same ones for every policy.
 * @param runs figures of each policy, all of the same learners in the same order
 * @throws DATA_INVALID where there are no runs, or they are of other learners
 */
export function comparePolicies(
  runs: ReadonlyMap<string, readonly SessionFigures[]>,
  options: BootstrapOptions,
): Comparison {
  const [first] = runs.values();
  if (first === undefined || ![...runs.values()].every((one) => one.length === first.length)) {
    throw new AppError(
      "DATA_INVALID",
      "compare policies: expected runs of the same learners, got others; run them again",
    );
  }
  const groups = Uint8Array.from(first, ({ group }) => knowledgeGroups.indexOf(group));
  const rows = new Map([...runs].map(([policy, figures]) => [policy, figures.map(rowOf)]));
  const names = [...runs.keys()];
  const measure = (indices: Int32Array): Record<string, number> => {
    const values: Record<string, number> = {};
    for (const [policy, own] of rows) {
      sumGroups(own, groups, indices).forEach(({ sums, learners }, place) => {
        const measured = measureSums(sums, learners);
        for (const name of measures)
          values[key(policy, comparedGroups[place] as string, name)] = measured[name];
      });
    }
    const at = (policy: string, name: Measure): number => values[key(policy, "all", name)] ?? Number.NaN;
    for (const policy of names) {
      for (const against of names) {
        if (policy === against) continue;
        for (const name of comparedMeasures)
          values[differenceKey(policy, against, name)] = at(policy, name) - at(against, name);
      }
    }
    const gained = (policy: string): number => at(policy, "gainPerHour") - at("never", "gainPerHour");
    if (["never", "learned", "oracle"].every((name) => runs.has(name)))
      values.share = gained("learned") / gained("oracle");
    return values;
  };
  const figures = bootstrap(first.length, measure, options);
  const of = (name: string): Figure => figures[name] as Figure;
  return {
    learners: first.length,
    policies: names.map((policy) => ({
      policy,
      groups: Object.fromEntries(
        comparedGroups.map((group) => [
          group,
          Object.fromEntries(measures.map((name) => [name, of(key(policy, group, name))])),
        ]),
      ) as PolicyFigures["groups"],
    })),
    differences: names.flatMap((policy) =>
      names.flatMap((against) =>
        policy === against
          ? []
          : comparedMeasures.map((name) => ({
              policy,
              against,
              measure: name,
              difference: of(differenceKey(policy, against, name)),
            })),
      ),
    ),
    ...(figures.share === undefined ? {} : { shareOfOracle: figures.share }),
  };
}

/** The difference of two policies in a measure; `undefined` where one of them was not run. */
export function findDifference(
  { differences }: Comparison,
  policy: string,
  against: string,
  measure: Measure,
): Figure | undefined {
  return differences.find(
    (one) => one.policy === policy && one.against === against && one.measure === measure,
  )?.difference;
}
