/** @file What another policy would have earned, told from logged choices of support levels: estimates, intervals, warnings. */
import { AppError } from "../base/errors.js";
import type { BootstrapOptions } from "../metrics/bootstrap.js";
import { checkChoices, type LoggedChoice, type Unusable } from "./logged-choice.js";
import * as estimators from "./off-policy-estimators.js";
import {
  defaultLimits,
  listWarnings,
  measureSupport,
  type OffPolicyWarning,
  type PolicySupport,
  type SupportLimits,
} from "./off-policy-support.js";
import { type Estimate, type Estimated, estimate, poolByLearner, type Quotients } from "./quotient.js";
import { isSkipped, type Measured, type Skipped } from "./result.js";
import { type WeightedLog, weighLog } from "./weighted-log.js";

/** Estimators in the order of reports. */
export const estimatorNames = [
  "onPolicy",
  "ips",
  "clippedIps",
  "snips",
  "directMethod",
  "doublyRobust",
  "switchDr",
  "selfNormalisedDr",
] as const;

/** Name of an estimator. */
export type EstimatorName = (typeof estimatorNames)[number];

/** How to evaluate. */
export interface OffPolicyOptions extends BootstrapOptions {
  /** M of clipped IPS, above 0; √rows by default, which keeps it consistent. @source Ionides, 2008. */
  readonly clipAt?: number;
  /** τ of switch-DR, 0 or more; chosen by least estimated squared error by default. */
  readonly switchAt?: number;
  /** Rows whose propensity is 0 or missing: refused by default. */
  readonly unusable?: Unusable;
  /** Where warnings begin. */
  readonly limits?: Partial<SupportLimits>;
}

/** What a log says of another policy. All of it is JSON. */
export interface OffPolicyResult {
  readonly formatVersion: 1;
  /** Rows used. */
  readonly rows: number;
  readonly learners: number;
  /** Rows not used for want of a propensity. */
  readonly leftOut: number;
  readonly seed: number;
  readonly resamples: number;
  /** Value of the judged policy by each estimator; of the logging policy, for `onPolicy`. In units of outcome. */
  readonly estimates: Readonly<Record<EstimatorName, Measured<Estimate>>>;
  readonly clipAt: number;
  readonly switching: Measured<estimators.Switching>;
  readonly support: PolicySupport;
  readonly limits: SupportLimits;
  readonly warnings: readonly OffPolicyWarning[];
}

/** @throws CONFIG_INVALID naming the option that is wrong */
function checkOptions({ seed, resamples, clipAt, switchAt }: OffPolicyOptions, limits: SupportLimits): void {
  const fail = (name: string, expected: string, got: number): never => {
    throw new AppError(
      "CONFIG_INVALID",
      `off-policy options: expected ${name} ${expected}, got ${got}; correct it`,
    );
  };
  if (!Number.isInteger(seed)) fail("seed", "a whole number", seed);
  if (resamples !== undefined && !(Number.isInteger(resamples) && resamples >= 1))
    fail("resamples", "a whole number of 1 or more", resamples);
  if (clipAt !== undefined && !(clipAt > 0 && Number.isFinite(clipAt))) fail("clipAt", "above 0", clipAt);
  if (switchAt !== undefined && !(switchAt >= 0 && Number.isFinite(switchAt)))
    fail("switchAt", "of 0 or more", switchAt);
  for (const [name, limit] of Object.entries(limits))
    if (!(limit >= 0)) fail(`limits.${name}`, "of 0 or more", limit);
}

const noModel: Skipped = { skipped: "the log has no predictions of an outcome model" };
const noWeight: Skipped = { skipped: "no logged level has any probability under the judged policy" };

/** The estimators the log allows, and τ of switch-DR. */
function chooseEstimators(
  log: WeightedLog,
  clipAt: number,
  switchAt: number | undefined,
): {
  readonly quotients: Record<EstimatorName, Measured<Quotients>>;
  readonly switching: Measured<estimators.Switching>;
} {
  const { model } = log;
  const hasWeight = log.weight.some((weight) => weight > 0);
  const weighted = <T>(build: () => T): T | Skipped => (hasWeight ? build() : noWeight);
  const modelled = <T>(build: (columns: NonNullable<typeof model>) => T): T | Skipped =>
    model === undefined ? noModel : build(model);
  const both = <T>(build: (columns: NonNullable<typeof model>) => T): T | Skipped =>
    modelled((columns) => weighted(() => build(columns)));
  const switching = both((columns) => estimators.chooseSwitch(log, columns, switchAt));
  return {
    switching,
    quotients: {
      onPolicy: estimators.onPolicy(log),
      ips: weighted(() => estimators.ips(log)),
      clippedIps: weighted(() => estimators.clippedIps(log, clipAt)),
      snips: weighted(() => estimators.snips(log)),
      directMethod: modelled((columns) => estimators.directMethod(log, columns)),
      doublyRobust: both((columns) => estimators.doublyRobust(log, columns)),
      switchDr: both((columns) =>
        isSkipped(switching) ? switching : estimators.switchDr(log, columns, switching.at),
      ),
      selfNormalisedDr: both((columns) => estimators.selfNormalisedDr(log, columns)),
    },
  };
}

/** @throws DATA_INVALID where a sum ran out of range */
function checkFinite(name: string, { estimate: { value, standardError } }: Estimated): void {
  if (Number.isFinite(value) && Number.isFinite(standardError ?? 0)) return;
  throw new AppError(
    "DATA_INVALID",
    `off-policy: expected weighted outcomes whose squares sum to a finite number, got ${value} ± ${standardError} for ${name}; scale outcomes down or check propensities`,
  );
}

/**
 * Estimates what a policy would have earned from choices another policy made.
 * Intervals are at 95 %, learners being independent and the outcome model fixed.
 * @throws DATA_INVALID naming rows that are wrong; CONFIG_INVALID naming an option that is
 */
export function evaluateOffPolicy(rows: readonly LoggedChoice[], options: OffPolicyOptions): OffPolicyResult {
  const limits = { ...defaultLimits, ...options.limits };
  checkOptions(options, limits);
  const { choices, leftOut } = checkChoices(rows, options.unusable ?? "refuse");
  const log = weighLog(choices);
  const clipAt = options.clipAt ?? Math.sqrt(log.rows);
  const { quotients, switching } = chooseEstimators(log, clipAt, options.switchAt);
  const pooled: Record<string, Quotients> = {
    meanWeight: poolByLearner(estimators.meanWeight(log), log),
  };
  for (const name of estimatorNames) {
    const found = quotients[name];
    if (!isSkipped(found)) pooled[name] = poolByLearner(found, log);
  }
  const { seed, resamples = 1000 } = options;
  const estimated = estimate(pooled, log.learners, { seed, resamples });
  for (const [name, one] of Object.entries(estimated)) checkFinite(name, one);
  const estimates = Object.fromEntries(
    estimatorNames.map((name) => [name, estimated[name]?.estimate ?? quotients[name]]),
  ) as Record<EstimatorName, Measured<Estimate>>;
  const support = measureSupport(log, (estimated.meanWeight as Estimated).estimate, limits);
  const undefinedNames = estimatorNames.filter((name) => (estimated[name]?.undefinedResamples ?? 0) > 0);
  return {
    formatVersion: 1,
    rows: log.rows,
    learners: log.learners,
    leftOut,
    seed,
    resamples,
    estimates,
    clipAt,
    switching,
    support,
    limits,
    warnings: listWarnings(log, support, limits, { leftOut, undefinedNames }),
  };
}
