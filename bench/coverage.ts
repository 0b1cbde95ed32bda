/** @file How often the intervals of off-policy evaluation hold the truth, in a world whose truth is known. */
import { type EstimatorName, estimatorNames, evaluateOffPolicy } from "../src/evaluation/off-policy.js";
import { estimatorTitles } from "../src/evaluation/off-policy-table.js";
import type { Interval } from "../src/evaluation/quotient.js";
import { isSkipped } from "../src/evaluation/result.js";
import { type BanditOptions, drawLog, ordinaryBandit, valueTarget } from "../test/fixtures/logged-bandit.js";
import type { BenchOptions, Row, Section } from "./report.js";

/** A world, and τ where it is not left to be chosen. */
interface Scenario {
  readonly name: string;
  readonly bandit: BanditOptions;
  readonly switchAt?: number;
  readonly estimators: readonly EstimatorName[];
}

const standard = ["snips", "doublyRobust", "switchDr", "selfNormalisedDr"] as const;

const scenarios: readonly Scenario[] = [
  { name: "near", bandit: ordinaryBandit, estimators: estimatorNames },
  { name: "apart", bandit: { ...ordinaryBandit, loggingSharpness: 1.5 }, estimators: standard },
  {
    name: "apart, τ = 8",
    bandit: { ...ordinaryBandit, loggingSharpness: 1.5 },
    switchAt: 8,
    estimators: ["switchDr"],
  },
  {
    name: "apart, τ = 2",
    bandit: { ...ordinaryBandit, loggingSharpness: 1.5 },
    switchAt: 2,
    estimators: ["switchDr"],
  },
  {
    name: "poor",
    bandit: { ...ordinaryBandit, loggingSharpness: 3, targetSharpness: 0.3 },
    estimators: ["ips", "clippedIps", ...standard],
  },
];

/** Seeds of the runs start here, away from those of the unit tests. */
const firstSeed = 10_000;

/** What many logs of one world gave for one estimator. */
class Tally {
  linearised = 0;
  bootstrap = 0;
  error = 0;
  squared = 0;

  add(value: number, linearised: Interval | null, bootstrap: Interval | null, truth: number): void {
    const holds = (interval: Interval | null): number =>
      interval !== null && interval.low <= truth && truth <= interval.high ? 1 : 0;
    this.linearised += holds(linearised);
    this.bootstrap += holds(bootstrap);
    this.error += value - truth;
    this.squared += (value - truth) ** 2;
  }
}

/** Draws many logs of a world and holds every interval against the truth. */
function measure({ name, bandit, switchAt, estimators }: Scenario, runs: number): Row[] {
  const truth = valueTarget(bandit);
  const tallies = new Map(estimators.map((one) => [one, new Tally()]));
  let warned = 0;
  let effective = 0;
  for (let run = 0; run < runs; run++) {
    const seed = firstSeed + run;
    const options = { seed, ...(switchAt !== undefined && { switchAt }) };
    const { estimates, warnings, support } = evaluateOffPolicy(drawLog(bandit, seed), options);
    if (warnings.length > 0) warned++;
    effective += support.effectiveShare / runs;
    for (const [one, tally] of tallies) {
      const found = estimates[one];
      if (isSkipped(found)) throw new Error(`${one}: ${found.skipped}`);
      tally.add(found.value, found.linearised, found.bootstrap, truth);
    }
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = [...tallies].map(([one, { linearised, bootstrap, error, squared }]): Row => {
    const bias = (error / runs).toFixed(4).replace("-", "−");
    return [
      `${name}: ${estimatorTitles[one]}`,
      `${percent(linearised / runs)} / ${percent(bootstrap / runs)}`,
      `bias ${bias}, root mean squared error ${Math.sqrt(squared / runs).toFixed(4)}`,
    ];
  });
  const note = `with a warning; effective rows ${percent(effective)} on average; true value ${truth.toFixed(4)}`;
  return [...rows, [`${name}: logs`, percent(warned / runs), note]];
}

/** Measures the coverage of 95 % intervals, 1,000 resamples each: linearised / bootstrap. */
export async function benchCoverage({ quick }: BenchOptions): Promise<Section> {
  const runs = quick ? 20 : 500;
  const rows = scenarios.flatMap((scenario) => measure(scenario, runs));
  const figures = Object.fromEntries(rows.map(([what, figure, note]) => [what, `${figure}; ${note}`]));
  return { title: "Off-policy intervals", page: "off-policy.md", rows, figures: { runs, ...figures } };
}
