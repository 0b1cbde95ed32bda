/** @file The gate every key passes before a moment is kept or shown: two learners must never be taken for one. */
import { AppError } from "../base/errors.js";
import type { LearnerKey } from "./moment.js";

/** Longest id of a tenant or a learner, in UTF-16 units. */
export const maxIdLength = 256;

/** Half of a surrogate pair; with the `u` flag a whole pair does not match. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * A frozen copy of a key, with nothing beside its two ids.
 * @param where what was being done, for the message: `history.append`
 * @throws INPUT_TYPE no object, or an id that is no string
 * @throws INPUT_EMPTY a learner without a visible id; a tenant may be `""`
 * @throws INPUT_TOO_LONG an id over `maxIdLength`
 * @throws INPUT_ENCODING an id with half a surrogate pair: stores replace it, and two learners become one
 */
export function validateLearnerKey(value: unknown, where: string): LearnerKey {
  if (typeof value !== "object" || value === null) {
    throw new AppError(
      "INPUT_TYPE",
      `${where}: expected a key { tenantId, learnerId }, got ${value === null ? "null" : typeof value}; pass both ids`,
    );
  }
  const tenantId = validateId(Reflect.get(value, "tenantId"), `${where}: tenantId`);
  const learnerId = validateId(Reflect.get(value, "learnerId"), `${where}: learnerId`);
  if (learnerId.trim() === "") {
    throw new AppError(
      "INPUT_EMPTY",
      `${where}: learnerId: expected an id, got ${learnerId === "" ? "an empty string" : "only blanks"}; pass the platform's id of the learner`,
    );
  }
  return Object.freeze({ tenantId, learnerId });
}

function validateId(value: unknown, where: string): string {
  if (typeof value !== "string") {
    const got = value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
    throw new AppError("INPUT_TYPE", `${where}: expected a string, got ${got}; write the id as text`);
  }
  if (value.length > maxIdLength) {
    throw new AppError(
      "INPUT_TOO_LONG",
      `${where}: expected at most ${maxIdLength} characters, got ${value.length}; use a shorter id or its hash`,
    );
  }
  if (loneSurrogate.test(value)) {
    throw new AppError(
      "INPUT_ENCODING",
      `${where}: expected well-formed Unicode, got half a surrogate pair; decode the source as UTF-8`,
    );
  }
  return value;
}

/**
 * One string for a key, another one for every other key: the tenant's length says where the learner's id begins,
 * so no character of an id can be taken for a separator.
 */
export function writeAddress({ tenantId, learnerId }: LearnerKey): string {
  return `${tenantId.length}:${tenantId}${learnerId}`;
}
