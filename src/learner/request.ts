/** @file What a platform says of a learner in one call: checked as a whole before anything is read, remembered or decided. */
import { z } from "zod";
import { AppError } from "../base/errors.js";
import { describeIssues } from "../base/schema-issues.js";
import type { Behavior, LearningContext } from "../behavior/signals.js";
import { validateBehavior, validateContext } from "../behavior/validation.js";
import { validateLearnerKey } from "../history/learner-key.js";
import type { LearnerKey } from "../history/moment.js";

/** Which learner. */
export interface LearnerName {
  /** The platform's id of the learner, 1 to 256 characters. */
  readonly learnerId: string;
  /** Whose learner, where one engine serves several platforms; `""` unless told. */
  readonly tenantId?: string | undefined;
}

/** A step of work without a message. */
export interface LearnerStep extends LearnerName {
  /** What was seen of the work: at least one signal. */
  readonly behavior: Behavior;
  readonly context?: LearningContext | undefined;
  /** When it was, ms since 1970; now unless told. Give it where a call may be sent again: then it counts once. */
  readonly at?: number | undefined;
}

/** A message of a learner, with what was seen of their work where a platform knows it. */
export interface LearnerMessage extends Omit<LearnerStep, "behavior"> {
  /** What the learner wrote. */
  readonly text: string;
  readonly behavior?: Behavior | undefined;
}

/** What may be asked of a step. */
export interface ObserveOptions {
  /** Of a learner: also give the state that was decided on, for a log of outcomes. */
  readonly features?: boolean | undefined;
}

/** What may be asked of one call. */
export interface AnalyzeOptions extends ObserveOptions {
  /** Also say which words moved the decision; costs a reading of the message for each word. */
  readonly explain?: boolean | undefined;
}

/** A call that has passed the gate. */
export interface CheckedStep {
  readonly key: LearnerKey;
  /** Absent where the platform gave no time. */
  readonly at: number | undefined;
  readonly behavior: Behavior | undefined;
  readonly context: LearningContext | undefined;
}

/** The last time a `Date` can hold, ms since 1970. */
const lastTime = 8.64e15;

const anything = z.unknown().optional();
const nameFields = { learnerId: anything, tenantId: anything };
const stepFields = { ...nameFields, behavior: anything, context: anything, at: anything };
const schemas = {
  name: z.strictObject(nameFields),
  step: z.strictObject(stepFields),
  message: z.strictObject({ ...stepFields, text: anything }),
};

/**
 * @param where what was being done, for the message: `forget`
 * @throws INPUT_TYPE, INPUT_EMPTY, INPUT_TOO_LONG, INPUT_ENCODING where it names no learner, or holds an unknown field
 */
export function parseName(value: unknown, where: string): LearnerKey {
  return readKey(checkFields(value, "name", where), where);
}

/** @throws as `parseName`; INPUT_TYPE of behaviour, context or time; INPUT_EMPTY where no signal is given */
export function parseStep(value: unknown, where: string): CheckedStep {
  const step = readStep(checkFields(value, "step", where), where);
  if (step.behavior !== undefined) return step;
  throw new AppError(
    "INPUT_EMPTY",
    `${where}: behavior: expected at least one signal, got none; leave out the call where nothing was seen`,
  );
}

/** @returns the text unchecked: the reader has its own gate. @throws as `parseStep`, but behaviour may be left out */
export function parseMessage(value: unknown, where: string): CheckedStep & { readonly text: unknown } {
  const fields = checkFields(value, "message", where);
  return { ...readStep(fields, where), text: fields.text };
}

type Fields = Partial<Record<"learnerId" | "tenantId" | "behavior" | "context" | "at" | "text", unknown>>;

function checkFields(value: unknown, kind: keyof typeof schemas, where: string): Fields {
  const schema = schemas[kind];
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = describeIssues(parsed.error, value, schema, "the call");
  throw new AppError("INPUT_TYPE", `${where}: ${issues.join("; ")}; correct it or leave it out`);
}

function readKey({ learnerId, tenantId = "" }: Fields, where: string): LearnerKey {
  return validateLearnerKey({ learnerId, tenantId }, where);
}

function readStep(fields: Fields, where: string): CheckedStep {
  const { at, behavior, context } = fields;
  return {
    key: readKey(fields, where),
    at: at === undefined ? undefined : readTime(at, where),
    behavior: behavior === undefined ? undefined : keepFilled(validateBehavior(behavior, where)),
    context: context === undefined ? undefined : keepFilled(validateContext(context, where)),
  };
}

/** An object that says nothing is as none at all. */
function keepFilled<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function readTime(at: unknown, where: string): number {
  if (typeof at === "number" && at >= 0 && at <= lastTime) return at + 0;
  const got = typeof at === "number" ? String(at) : at instanceof Date ? "a Date" : typeof at;
  throw new AppError(
    "INPUT_TYPE",
    `${where}: at: expected a time in ms since 1970, from 0 to ${lastTime}, got ${got}; pass date.getTime(), or leave it out for now`,
  );
}
