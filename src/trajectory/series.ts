/** @file The readings of a learner in order of time, whatever order they arrived in: what is repaired is counted, what cannot be true is refused. */
import { AppError } from "../base/errors.js";
import { emotionIds, type PadTriple } from "../emotion/taxonomy.js";
import type { MessageReading } from "../history/moment.js";

/** As much of a reading as looking back over affect needs; a `MessageReading` is one. */
export type AffectReading = Pick<MessageReading, "emotion" | "pad" | "readiness">;

/** As much of a moment as looking back over affect needs; a `Moment` is one. */
export interface AffectMoment {
  /** When it was, ms since 1970; where there is no clock, the place of the message: 0, 1, 2 … */
  readonly at: number;
  readonly reading?: AffectReading | undefined;
}

/** A moment that has a reading. */
export interface AffectPoint {
  readonly at: number;
  readonly reading: AffectReading;
}

/** What was put right before anything was computed. */
export interface SeriesRepairs {
  /** Moments that came before one of an earlier time (late arrivals, a clock set back): sorted in by their time. */
  readonly reordered: number;
  /** Moments that came twice, with the same time and the same reading: kept once. */
  readonly duplicates: number;
  /** Moments without a reading: they say nothing of affect. */
  readonly withoutReading: number;
}

/** Readings, oldest first. Those of the same time keep the order they came in. */
export interface AffectSeries {
  readonly points: readonly AffectPoint[];
  readonly repairs: SeriesRepairs;
}

/**
 * Checks moments and puts their readings in order. O(n log n), O(n) where they are in order already.
 * @throws INPUT_TYPE with the place of the first moment whose time is not finite or negative, or whose reading holds
 *   a number that is not in [0, 1] or too few of them
 */
export function arrangeSeries(moments: readonly AffectMoment[]): AffectSeries {
  let reordered = 0;
  let latest = Number.NEGATIVE_INFINITY;
  const read: AffectPoint[] = [];
  moments.forEach((moment, place) => {
    const { at, reading } = moment;
    if (!Number.isFinite(at) || at < 0)
      refuse(place, "at", "a time in ms since 1970, finite and not negative", at);
    if (at < latest) reordered++;
    latest = Math.max(latest, at);
    if (reading === undefined) return;
    checkReading(reading, place);
    read.push({ at, reading });
  });
  // A stable sort: where times tell nothing, arrival does.
  if (reordered > 0) read.sort((a, b) => a.at - b.at);
  const points = dropRepeated(read);
  return {
    points,
    repairs: {
      reordered,
      duplicates: read.length - points.length,
      withoutReading: moments.length - read.length,
    },
  };
}

/** Among moments of one time, those whose reading is there already are dropped. */
function dropRepeated(sorted: readonly AffectPoint[]): AffectPoint[] {
  const kept: AffectPoint[] = [];
  for (const point of sorted) {
    let twin = kept.length - 1;
    while (twin >= 0 && kept[twin]?.at === point.at && !isSame(kept[twin] as AffectPoint, point)) twin--;
    if (twin < 0 || kept[twin]?.at !== point.at) kept.push(point);
  }
  return kept;
}

function isSame({ reading: a }: AffectPoint, { reading: b }: AffectPoint): boolean {
  return (
    a === b ||
    (a.readiness === b.readiness &&
      a.pad.every((value, axis) => value === b.pad[axis]) &&
      a.emotion.every((value, index) => value === b.emotion[index]))
  );
}

const isShare = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;

function checkReading({ emotion, pad, readiness }: AffectReading, place: number): void {
  if (!isShare(readiness)) refuse(place, "reading.readiness", "a number from 0 to 1", readiness);
  for (const axis of [0, 1, 2] as const) {
    if (!isShare((pad as PadTriple | undefined)?.[axis])) {
      refuse(place, `reading.pad[${axis}]`, "a number from 0 to 1", pad?.[axis]);
    }
  }
  if (emotion?.length !== emotionIds.length) {
    refuse(place, "reading.emotion", `${emotionIds.length} probabilities`, emotion?.length);
  }
  const odd = emotion.findIndex((value) => !isShare(value));
  if (odd >= 0) refuse(place, `reading.emotion[${odd}]`, "a number from 0 to 1", emotion[odd]);
}

function refuse(place: number, field: string, expected: string, got: unknown): never {
  throw new AppError(
    "INPUT_TYPE",
    `trajectory: moments[${place}].${field}: expected ${expected}, got ${String(got)}; correct the moment or leave it out`,
  );
}

/** The most probable emotion's index; the first where several are. */
export function primaryIndex({ emotion }: AffectReading): number {
  let best = 0;
  for (let index = 1; index < emotion.length; index++) {
    if ((emotion[index] as number) > (emotion[best] as number)) best = index;
  }
  return best;
}
