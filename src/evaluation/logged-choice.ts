/** @file One logged choice of a support level with what came of it, and what must hold before an estimator looks at it. */
import { AppError } from "../base/errors.js";
import { type SupportLevel, supportLabels } from "../emotion/support.js";

/** One choice of a level for a learner, its outcome, and what the policy to be judged would have done there. */
export interface LoggedChoice {
  /** Whom the choice was for; rows of one learner are not independent and are resampled together. */
  readonly learner: string;
  /** The level that was chosen. */
  readonly level: SupportLevel;
  /** Probability, in (0, 1], with which the logging policy chose this level here. Absent: taken from `logging`. */
  readonly propensity?: number | null | undefined;
  /** What came of it, in any unit; more is better. */
  readonly outcome: number;
  /** The judged policy's probability of each level here, `[6]`, sum 1. */
  readonly target: readonly number[];
  /** Outcome a model expects of each level here, `[6]`. The model must not have seen this learner. All rows or none. */
  readonly predictions?: readonly number[] | undefined;
  /** The logging policy's probability of each level here, `[6]`, sum 1. All rows or none. */
  readonly logging?: readonly number[] | undefined;
  /** The learner's state; the estimators do not look at it. */
  readonly features?: unknown;
}

/** A choice whose propensity is known. */
export type UsableChoice = LoggedChoice & { readonly propensity: number };

/** What to do with rows whose propensity is 0 or missing. */
export type Unusable = "refuse" | "leave_out";

/** Levels there are. */
export const levelCount = supportLabels.length;

/** How far probabilities may be from a sum of 1: float32 rounding of six numbers stays well below. An assumption. */
const sumTolerance = 1e-6;

/** The fields as they may be when a row comes from a file. */
type Unchecked = { readonly [Field in keyof LoggedChoice]?: unknown };

interface Fault {
  readonly field: keyof LoggedChoice;
  readonly expected: string;
  readonly got: string;
}

/** A value for a message; text is not shown, it may name a person. */
function describe(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  if (value === null) return "null";
  return Array.isArray(value) ? `a list of ${value.length}` : typeof value;
}

function fault(field: keyof LoggedChoice, expected: string, got: string): Fault {
  return { field, expected, got };
}

function findListFault(field: keyof LoggedChoice, value: unknown): Fault | undefined {
  if (!Array.isArray(value) || value.length !== levelCount)
    return fault(field, `${levelCount} numbers, one a level`, describe(value));
  const bad = value.findIndex((one) => !Number.isFinite(one));
  if (bad >= 0) return fault(field, "finite numbers", `${describe(value[bad])} for level ${bad}`);
  return undefined;
}

function findProbabilityFault(field: keyof LoggedChoice, value: unknown): Fault | undefined {
  const broken = findListFault(field, value);
  if (broken) return broken;
  const probabilities = value as readonly number[];
  const bad = probabilities.findIndex((one) => one < 0 || one > 1);
  if (bad >= 0) return fault(field, "probabilities in [0, 1]", `${probabilities[bad]} for level ${bad}`);
  const sum = probabilities.reduce((total, one) => total + one, 0);
  if (Math.abs(sum - 1) > sumTolerance) return fault(field, "probabilities that sum to 1", `a sum of ${sum}`);
  return undefined;
}

/** The propensity as stated, or as the logging policy's probabilities have it. */
function propensityOf({ propensity, logging, level }: Unchecked): unknown {
  if (propensity !== undefined && propensity !== null) return propensity;
  return Array.isArray(logging) ? logging[level as number] : propensity;
}

/** Whether a propensity is missing, or 0 for a level that was chosen all the same. */
const isUnusable = (propensity: unknown): boolean =>
  propensity === undefined || propensity === null || propensity === 0;

function findPropensityFault(row: Unchecked, unusable: Unusable): Fault | undefined {
  const propensity = propensityOf(row);
  if (isUnusable(propensity)) {
    if (unusable === "leave_out") return undefined;
    return fault("propensity", "a number in (0, 1]", describe(propensity));
  }
  if (typeof propensity !== "number" || !(propensity > 0 && propensity <= 1))
    return fault("propensity", "a number in (0, 1]", describe(propensity));
  const { target, logging, level } = row;
  if (!Number.isFinite(((target as readonly number[])[level as number] as number) / propensity))
    return fault("propensity", "one that leaves the weight target / propensity finite", `${propensity}`);
  const stated = (logging as readonly number[] | undefined)?.[level as number];
  if (stated !== undefined && Math.abs(stated - propensity) > sumTolerance)
    return fault("propensity", `${stated}, as logging has it for level ${level}`, `${propensity}`);
  return undefined;
}

/** The first thing wrong with a row. `like`: the first row, which says whether there are predictions and logging. */
function findFault(row: Unchecked, like: Unchecked, unusable: Unusable): Fault | undefined {
  const { learner, level, outcome, target, predictions, logging } = row;
  if (typeof learner !== "string" || learner === "")
    return fault(
      "learner",
      "a text that tells learners apart",
      learner === "" ? "an empty one" : describe(learner),
    );
  if (!Number.isInteger(level) || (level as number) < 0 || (level as number) >= levelCount)
    return fault("level", `a whole number from 0 to ${levelCount - 1}`, describe(level));
  if (!Number.isFinite(outcome)) return fault("outcome", "a finite number", describe(outcome));
  if ((predictions === undefined) !== (like.predictions === undefined))
    return fault(
      "predictions",
      `${like.predictions === undefined ? "none" : "some"}, as rows[0] has`,
      describe(predictions),
    );
  if ((logging === undefined) !== (like.logging === undefined))
    return fault(
      "logging",
      `${like.logging === undefined ? "none" : "some"}, as rows[0] has`,
      describe(logging),
    );
  return (
    findProbabilityFault("target", target) ??
    (predictions === undefined ? undefined : findListFault("predictions", predictions)) ??
    (logging === undefined ? undefined : findProbabilityFault("logging", logging)) ??
    findPropensityFault(row, unusable)
  );
}

/** Faults written out before the rest is only counted. */
const faultsShown = 3;

/**
 * Checks a log and gives every row its propensity.
 * @param unusable `leave_out` drops rows whose propensity is 0 or missing; what is left then speaks for those rows only if
 *   the propensities went missing by chance
 * @returns the usable rows in their order, and how many were left out
 * @throws DATA_INVALID naming the rows and fields that are wrong, or where no row is left
 */
export function checkChoices(
  rows: readonly LoggedChoice[],
  unusable: Unusable,
): { readonly choices: readonly UsableChoice[]; readonly leftOut: number } {
  const choices: UsableChoice[] = [];
  const faults: string[] = [];
  let faulty = 0;
  rows.forEach((row: unknown, index) => {
    if (typeof row !== "object" || row === null) {
      if (faulty++ < faultsShown)
        faults.push(`rows[${index}]: expected a logged choice, got ${describe(row)}`);
      return;
    }
    const found = findFault(row, rows[0] ?? {}, unusable);
    if (found) {
      if (faulty++ < faultsShown)
        faults.push(`rows[${index}].${found.field}: expected ${found.expected}, got ${found.got}`);
      return;
    }
    const propensity = propensityOf(row);
    if (!isUnusable(propensity)) choices.push({ ...(row as LoggedChoice), propensity: propensity as number });
  });
  if (faulty > 0) {
    const more = faulty > faults.length ? ` and ${faulty - faults.length} more` : "";
    throw new AppError("DATA_INVALID", `off-policy: ${faults.join("; ")}${more}; correct the log`);
  }
  if (choices.length === 0) {
    throw new AppError(
      "DATA_INVALID",
      `off-policy: expected rows with a propensity, got none of ${rows.length}; log the probability of each choice as it is made`,
    );
  }
  return { choices, leftOut: rows.length - choices.length };
}
