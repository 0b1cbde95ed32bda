/** @file A simulated comparison from its settings to its figures, and the same under assumptions bent both ways. */
import type { GuardOptions } from "../policy/guards.js";
import type { Policy } from "../policy/policies.js";
import type { ReadinessModel } from "../readiness/model.js";
import { createCohort } from "../simulation/cohort.js";
import { type Parameters, scaleAssumptions } from "../simulation/parameter.js";
import { defaultParameters } from "../simulation/parameters.js";
import type { Voices } from "../simulation/voices.js";
import { runClosedLoop, type SessionFigures } from "./closed-loop.js";
import { type Comparison, comparePolicies } from "./comparison.js";
import { createChooser } from "./lineup.js";
import { type PolicyName, policyNames } from "./policy-name.js";

/** What is compared on whom. */
export interface ComparisonOptions {
  readonly policies: readonly PolicyName[];
  /** Learners of each seed. */
  readonly learners: number;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly voices: Voices | undefined;
  readonly readiness?: Pick<ReadinessModel, "assessAll"> | undefined;
  readonly learned?: Policy | undefined;
  readonly guards: GuardOptions;
  readonly resamples?: number;
  readonly parameters?: Parameters;
  /** Told of rounds of steps done, of all there are: policies × seeds × steps. */
  readonly onProgress?: (done: number, total: number, policy: PolicyName) => void;
}

/** Price of time for the oracle where `never` was not run. Assumption, near what learners gain undisturbed. */
const usualGainPerHour = 0.35;

const ratioOf = (rows: readonly SessionFigures[]): number =>
  rows.reduce((sum, { gain }) => sum + gain, 0) / rows.reduce((sum, { hours }) => sum + hours, 0);

/** Lets every policy meet the same learners with the same luck, and compares what came of it. */
export async function runComparison(options: ComparisonOptions): Promise<Comparison> {
  const { learners, seeds, steps, voices, parameters = defaultParameters, onProgress, resamples } = options;
  const wanted = policyNames.filter((name) => options.policies.includes(name));
  const runs = new Map<PolicyName, readonly SessionFigures[]>();
  const total = wanted.length * seeds.length * steps;
  let done = 0;
  for (const policy of wanted) {
    const undisturbed = runs.get("never");
    const gainPerHour = undisturbed === undefined ? usualGainPerHour : ratioOf(undisturbed);
    const rows: SessionFigures[] = [];
    for (const seed of seeds) {
      const chooser = createChooser(policy, { ...options, gainPerHour, seed });
      const pool = voices === undefined ? {} : { utterances: voices.pool };
      const cohort = createCohort({ learners, seed, parameters, ...pool });
      const onRound = (): void => onProgress?.(++done, total, policy);
      rows.push(...(await runClosedLoop(cohort, { steps, voices, chooser, onRound })));
    }
    runs.set(policy, rows);
  }
  const [seed = 0] = seeds;
  return comparePolicies(runs, { seed, ...(resamples === undefined ? {} : { resamples }) });
}

/** Parts of the simulator whose assumptions are bent by themselves, beside all at once. */
export const bentParts = ["knowledge.", "affect.", "behavior.", "support.", "emotion."] as const;

/** A comparison under bent assumptions. */
export interface BentComparison {
  /** `all`, or the beginning of the names of what was bent. */
  readonly bent: string;
  readonly factor: number;
  readonly comparison: Comparison;
}

/** The bendings of a sensitivity run: all assumptions and each part, halved and doubled. */
export const bendings: readonly { readonly bent: string; readonly factor: number }[] = [
  "all",
  ...bentParts,
].flatMap((bent) => [0.5, 2].map((factor) => ({ bent, factor })));

/** Runs the comparison anew under each bending; what is sourced stays. */
export async function runSensitivity(options: ComparisonOptions): Promise<readonly BentComparison[]> {
  const { parameters = defaultParameters, onProgress } = options;
  const results: BentComparison[] = [];
  for (const [place, { bent, factor }] of bendings.entries()) {
    const scaled = scaleAssumptions(parameters, factor, bent === "all" ? undefined : [bent]);
    const comparison = await runComparison({
      ...options,
      parameters: scaled,
      onProgress: (done, total, policy) =>
        onProgress?.(place * total + done, bendings.length * total, policy),
    });
    results.push({ bent, factor, comparison });
  }
  return results;
}
