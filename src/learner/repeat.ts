/** @file The same moment sent again is known again, though its reading comes out a little different each time. */
import { isDeepStrictEqual } from "node:util";
import type { MessageReading, Moment } from "../history/moment.js";

/**
 * How far two readings of one text may be apart. In a batch of another width a sum is rounded otherwise: differences up
 * to 5e-9 in probabilities were measured, 2e-7 in embeddings; other texts differ by far more.
 */
const readingTolerance = 1e-4;

/**
 * Whether a moment is one that is known: of the same time, work and context, and with the same message as far as its
 * reading tells, since texts are not kept. What was decided then is no part of it.
 */
export function isRepeat(known: Moment, moment: Moment): boolean {
  return (
    known.at === moment.at &&
    isDeepStrictEqual(known.behavior, moment.behavior) &&
    isDeepStrictEqual(known.context, moment.context) &&
    isSameReading(known.reading, moment.reading)
  );
}

function isSameReading(a: MessageReading | undefined, b: MessageReading | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    a.model.name === b.model.name &&
    a.model.version === b.model.version &&
    isNear([a.readiness], [b.readiness]) &&
    isNear(a.pad, b.pad) &&
    isNear(a.support, b.support) &&
    isNear(a.emotion, b.emotion)
  );
}

function isNear(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] as number)) <= readingTolerance)
  );
}
