/** @file What has been going on until now: since when a negative emotion, low spirits or low readiness have lasted. */
import { readinessStates } from "../emotion/readiness.js";
import { type EmotionId, taxonomy } from "../emotion/taxonomy.js";
import { type AffectPoint, primaryIndex } from "./series.js";

/** What can go on: one negative emotion, any of them, or readiness of the two lowest states. */
export type OngoingKind = EmotionId | "negative-emotion" | "low-readiness";

/** Something that goes on: it shows in the last reading. */
export interface Ongoing {
  readonly what: OngoingKind;
  /** Time of the first reading that showed it, ms since 1970 (without a clock: its place). */
  readonly since: number;
  /** From then to the last reading, ms (without a clock: messages). */
  readonly lasted: number;
  /** Readings that showed it. */
  readonly readings: number;
  /** Single readings in between that did not. */
  readonly interruptions: number;
}

/** Rules for what ends a run. */
export interface OngoingRules {
  /** A gap between readings longer than this ends a run: nobody knows what was in between. ms (without a clock: messages). */
  readonly longestSilence: number;
}

/** Whether a class is negative by its definition: its usual pleasure lies below the middle. By index, `[41]`. */
const negative: readonly boolean[] = taxonomy.map(({ pad: [pleasure] }) => pleasure < 0.5);

/** Readiness below this is `not_ready` or `low_readiness`. */
const lowBelow = readinessStates[2].from;

/**
 * Runs that reach the last reading. A run is followed back as long as readings show it; a single one that does not is
 * an interruption (people say "ok, thanks" in the middle of their trouble), two in a row are its end, and so is a
 * silence. Moments without a reading neither show nor interrupt.
 * @param points oldest first
 */
export function findOngoing(points: readonly AffectPoint[], rules: OngoingRules): Ongoing[] {
  const last = points.at(-1);
  if (last === undefined) return [];
  const now = primaryIndex(last.reading);
  const runs: [OngoingKind, (point: AffectPoint) => boolean][] = [
    ["negative-emotion", ({ reading }) => negative[primaryIndex(reading)] === true],
    ["low-readiness", ({ reading }) => reading.readiness < lowBelow],
  ];
  if (negative[now]) runs.unshift([taxonomy[now as 0].id, ({ reading }) => primaryIndex(reading) === now]);
  return runs.flatMap(([what, shows]) => (shows(last) ? [followBack(points, what, shows, rules)] : []));
}

function followBack(
  points: readonly AffectPoint[],
  what: OngoingKind,
  shows: (point: AffectPoint) => boolean,
  { longestSilence }: OngoingRules,
): Ongoing {
  const end = points.length - 1;
  let start = end;
  let readings = 1;
  for (let i = end - 1; i >= 0 && start - i <= 2; i--) {
    const gap = (points[i + 1] as AffectPoint).at - (points[i] as AffectPoint).at;
    if (gap > longestSilence) break;
    if (!shows(points[i] as AffectPoint)) continue;
    start = i;
    readings++;
  }
  const since = (points[start] as AffectPoint).at;
  return {
    what,
    since,
    lasted: (points[end] as AffectPoint).at - since,
    readings,
    interruptions: end - start + 1 - readings,
  };
}
