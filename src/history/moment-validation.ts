/** @file The gate every moment passes before it is kept: what comes back years later must be as sound as what went in. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { copyFrozen } from "../base/frozen-copy.js";
import { headSizes } from "../base/head.js";
import { describeIssues } from "../base/schema-issues.js";
import { behaviorSchema, contextSchema } from "../behavior/validation.js";
import { type SupportLevel, supportLabels } from "../emotion/support.js";
import type { Intervention, MessageReading, Moment } from "./moment.js";

/** How far probabilities may sum away from 1: rounding to three digits passes, logits and shares of something else do not. */
const sumTolerance = 0.01;

const time = "expected a finite time in ms since 1970, 0 or more";
const share = "expected a number from 0 to 1";
const decider = "expected policy or guard:NAME";
const words = "expected at least one character";

const unit = z.number(share).min(0, share).max(1, share);
const name = z.string(words).min(1, words);

const probabilities = (length: number): z.ZodType<number[]> =>
  z
    .array(unit, `expected ${length} probabilities`)
    .length(length, `expected ${length} probabilities`)
    .refine(
      (values) => Math.abs(values.reduce((sum, value) => sum + value, 0) - 1) <= sumTolerance,
      "expected probabilities that sum to 1",
    );

const intervention: z.ZodType<Intervention> = z.strictObject({
  level: z.custom<SupportLevel>(
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < supportLabels.length,
    "expected a support level, 0 to 5",
  ),
  decidedBy: z.custom<Intervention["decidedBy"]>(
    (value) => typeof value === "string" && /^(policy|guard:.+)$/s.test(value),
    decider,
  ),
  propensity: z
    .number("expected a probability above 0, at most 1")
    .gt(0, "expected a probability above 0, at most 1")
    .max(1, "expected a probability above 0, at most 1"),
});

/**
 * What a `Moment` may be, with its embedding in one form or another. Issues read `expected …`.
 * @param embedding reads the form into a Float32Array, `[hidden]`
 */
export function createMomentSchema<Form>(
  embedding: z.ZodType<Float32Array, Form>,
): z.ZodType<Moment, MomentForm<Form>> {
  const schema = z.strictObject({
    at: z.number(time).nonnegative(time),
    reading: z
      .strictObject({
        emotion: probabilities(headSizes.emotion),
        pad: z.tuple([unit, unit, unit], "expected pleasure, arousal and dominance"),
        readiness: unit,
        support: probabilities(headSizes.support),
        embedding,
        model: z.strictObject({ name, version: name }),
      })
      .optional(),
    behavior: behaviorSchema.optional(),
    context: contextSchema.optional(),
    intervention: intervention.optional(),
    text: z.string("expected text").optional(),
  });
  // Zod's own input type forgets `readonly`, and that what is optional may be undefined.
  return schema as unknown as z.ZodType<Moment, MomentForm<Form>>;
}

/** A moment whose embedding has another form. */
export type MomentForm<Form> = Omit<Moment, "reading"> & {
  readonly reading?: (Omit<MessageReading, "embedding"> & { readonly embedding: Form }) | undefined;
};

const numbers = "expected a Float32Array of at least one number";

/** An embedding as it is held in memory. */
const embeddingSchema = z.custom<Float32Array>().superRefine((value: unknown, context) => {
  if (!(value instanceof Float32Array) || value.length === 0) {
    context.addIssue({ code: "custom", message: numbers });
    return;
  }
  const odd = findNonFinite(value);
  if (odd >= 0) context.addIssue({ code: "custom", path: [odd], message: "expected a finite number" });
});

const momentSchema = createMomentSchema(embeddingSchema);

/** Place of the first number that is none, or −1. */
export function findNonFinite(values: Float32Array): number {
  return values.findIndex((value) => !Number.isFinite(value));
}

/**
 * A frozen copy of a caller's moment, what has no value left out.
 * @param where what was being done, for the message: `history.append`
 * @throws INPUT_TYPE naming, by its path, every field that is missing, unknown, of another type, length or range
 */
export function validateMoment(value: unknown, where: string): Moment {
  const parsed = momentSchema.safeParse(value);
  if (parsed.success) return copyFrozen(parsed.data);
  const issues = describeIssues(parsed.error, value, momentSchema, "the moment");
  throw new AppError(
    "INPUT_TYPE",
    `${where}: ${issues.join("; ")}; correct it or leave out what is not known`,
  );
}
