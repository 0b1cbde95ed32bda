/** @file The gate signals and context pass before anything is learned from them: what cannot be true is refused by name. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { copyFrozen } from "../base/frozen-copy.js";
import { describeIssues } from "../base/schema-issues.js";
import {
  type Behavior,
  type BehaviorSignal,
  behaviorSignals,
  type LearningContext,
  type SignalKind,
} from "./signals.js";

/** Longest string of a context, in UTF-16 units: names and ids fit, a learner's text does not. */
export const maxContextLength = 256;

const milliseconds = "expected a finite number of milliseconds, 0 or more";
const count = "expected a whole number, 0 or more";
const signedCount = "expected a whole number";
const share = "expected a number from 0 to 1";

const kindSchemas: Readonly<Record<SignalKind, z.ZodType<number | boolean>>> = {
  milliseconds: z.number(milliseconds).nonnegative(milliseconds),
  count: z.int(count).nonnegative(count),
  "signed-count": z.int(signedCount),
  flag: z.boolean("expected true or false"),
  share: z.number(share).min(0, share).max(1, share),
};

/** Signals of which the first is a part of the second, so never more than it. */
const parts: readonly (readonly [part: BehaviorSignal, whole: BehaviorSignal])[] = [
  ["bottomOutHints", "hintsUsed"],
  ["idleMs", "timeOnTaskMs"],
];

/** What a `Behavior` may be; for schemas that hold one. Issues read `expected …`. */
export const behaviorSchema: z.ZodType<Behavior> = z
  .strictObject(
    Object.fromEntries(
      Object.entries(behaviorSignals).map(([name, kind]) => [name, kindSchemas[kind].optional()]),
    ),
  )
  .superRefine((behavior: Behavior, context) => {
    for (const [part, whole] of parts) {
      const [less, most] = [behavior[part], behavior[whole]];
      if (less === undefined || most === undefined || less <= most) continue;
      context.addIssue({
        code: "custom",
        path: [part],
        message: `expected at most ${whole} (${most}), of which it is a part`,
      });
    }
  });

const words = `expected 1 to ${maxContextLength} characters`;
const name = z.string(words).min(1, words).max(maxContextLength, words).optional();

/** What a `LearningContext` may be; for schemas that hold one. Issues read `expected …`. */
export const contextSchema: z.ZodType<LearningContext> = z.strictObject({
  subject: name,
  activity: name,
  language: z
    .string(words)
    .max(maxContextLength, words)
    .refine(isLanguageTag, "expected a BCP 47 language tag such as en or pt-BR")
    .optional(),
  itemId: name,
});

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

/**
 * A frozen copy of a caller's signals, those without a value left out. Nothing is repaired: a signal that cannot be
 * true says that the platform measures something else than its name, and that is worth knowing.
 * @param where what was being done, for the message: `analyze`
 * @throws INPUT_TYPE naming every signal that is unknown, of another type, negative or not finite where it is a time,
 *   not whole where it is a count, outside [0, 1] where it is a share, or more than what it is a part of
 *   (`bottomOutHints` of `hintsUsed`, `idleMs` of `timeOnTaskMs`)
 */
export function validateBehavior(value: unknown, where: string): Behavior {
  return validate(behaviorSchema, value, `${where}: behavior`, "correct it or leave out what is not known");
}

/**
 * A frozen copy of a caller's context, what has no value left out.
 * @param where what was being done, for the message: `analyze`
 * @throws INPUT_TYPE naming every field that is unknown, empty, no string, too long, or no language tag
 */
export function validateContext(value: unknown, where: string): LearningContext {
  return validate(contextSchema, value, `${where}: context`, "correct it or leave out what is not known");
}

function validate<T>(schema: z.ZodType<T>, value: unknown, where: string, remedy: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return copyFrozen(parsed.data);
  const issues = describeIssues(parsed.error, value, schema, "the whole");
  throw new AppError("INPUT_TYPE", `${where}: ${issues.join("; ")}; ${remedy}`);
}
