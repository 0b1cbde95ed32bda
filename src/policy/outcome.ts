/** @file A logged outcome: what was done for a learner, how probable that was, and what came of it. One JSON object a line. */
import { z } from "zod";
import { describeIssues } from "../base/schema-issues.js";
import type { SupportLevel } from "../emotion/support.js";
import type { FeatureRow } from "./features.js";

const text = z
  .string("expected 1 to 256 characters")
  .min(1, "expected 1 to 256 characters")
  .max(256, "expected 1 to 256 characters");
const propensity = "expected a number above 0 and at most 1";
const level = "expected a whole number from 0 to 5";
const time = "expected whole milliseconds since 1970";
const features = z
  .array(
    z.number("expected finite numbers, or null where not known").nullable(),
    "expected a list of numbers and nulls",
  )
  .min(1, "expected at least one feature");

/** A state that rows may refer to. */
const stateSchema = z.strictObject({ stateRef: text, features });

const schema = z
  .strictObject({
    /** Whom it was for; rows of one learner are not independent of each other. */
    learnerId: text,
    /** When it was decided, ms since 1970. */
    at: z.int(time).nonnegative(time),
    /** Name of a state logged elsewhere; this or `features`. */
    stateRef: text.optional(),
    /** `buildFeatures` at the decision, `null` where not known; this or `stateRef`. */
    features: features.optional(),
    level: z.int(level).min(0, level).max(5, level),
    /** Probability with which the level was chosen: `Decision.propensity`. */
    propensity: z.number(propensity).gt(0, propensity).max(1, propensity),
    /** What came of it, more being better: `measureOutcome`. */
    outcome: z.number("expected a finite number"),
  })
  .superRefine((row, context) => {
    if ((row.features === undefined) !== (row.stateRef === undefined)) return;
    context.addIssue({
      code: "custom",
      path: ["features"],
      message: "expected features or a stateRef, one of them",
    });
  });

/** A row as it is written in a file. */
export type OutcomeRow = Readonly<z.output<typeof schema>>;

/** A logged outcome with its state. */
export interface LoggedOutcome {
  readonly learnerId: string;
  /** ms since 1970 */
  readonly at: number;
  /** `null` where not known, `[features]` */
  readonly features: readonly (number | null)[];
  readonly level: SupportLevel;
  readonly propensity: number;
  readonly outcome: number;
}

/** What to do about each field. */
const remedies: Readonly<Record<string, string>> = {
  learnerId: "name the learner, the same in all their rows",
  at: "log when it was decided",
  level: "log the level that was given",
  propensity:
    "log the probability with which the level was chosen; without it nothing can be learned from the row",
  outcome: "leave the row out until its outcome is known",
  features: "log what buildFeatures gave, or name a state given by --states",
  stateRef: "name a state given by --states, or log the features themselves",
};

/** A row, or what is wrong with it: `field: expected …, got …; remedy`. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issue: string };

function parseJson(line: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(line) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, issue: `expected a JSON object, got ${message}; write one object a line` };
  }
}

function parseLine<T>(line: string, shape: z.ZodType<T>): Parsed<T> {
  const json = parseJson(line);
  if (!json.ok) return json;
  const parsed = shape.safeParse(json.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = describeIssues(parsed.error, json.value, shape, "the row");
  const told = issues.map((issue) => {
    const field = /^\w+/.exec(issue)?.[0] ?? "";
    return `${issue}; ${remedies[field] ?? "correct the row"}`;
  });
  return { ok: false, issue: told.join(". ") };
}

/** Reads a line of a states file: `{ stateRef, features }`. */
export function parseStateLine(
  line: string,
): Parsed<{ readonly stateRef: string; readonly features: readonly (number | null)[] }> {
  return parseLine(line, stateSchema);
}

/** Reads a line of an outcomes file. @param states features by the names rows may refer to */
export function parseOutcomeLine(
  line: string,
  states: ReadonlyMap<string, readonly (number | null)[]> = new Map(),
): Parsed<LoggedOutcome> {
  const parsed = parseLine(line, schema);
  if (!parsed.ok) return parsed;
  const { stateRef, features: own, level: given, ...rest } = parsed.value;
  const found = own ?? states.get(stateRef ?? "");
  if (found === undefined) {
    return { ok: false, issue: `stateRef: expected a known state, got "${stateRef}"; ${remedies.stateRef}` };
  }
  return { ok: true, value: { ...rest, level: given as SupportLevel, features: found } };
}

/** Features as they are logged. */
export function toLogged({ values, known }: FeatureRow): (number | null)[] {
  return Array.from(values, (value, place) => (known[place] === 1 ? value : null));
}

/** Features as they were before they were logged. */
export function fromLogged(logged: readonly (number | null)[]): FeatureRow {
  return {
    values: Float32Array.from(logged, (value) => value ?? 0),
    known: Uint8Array.from(logged, (value) => Number(value !== null)),
  };
}
