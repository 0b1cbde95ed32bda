/** @file A situation as numbers for the value network: in one order, each known or masked, none made up. */
import type { BehaviorSignal } from "../behavior/signals.js";
import { supportLabels } from "../emotion/support.js";
import { emotionIds } from "../emotion/taxonomy.js";
import type { Moment } from "../history/moment.js";
import { levelCount } from "./decision.js";
import {
  findLastReading,
  findSessionStart,
  listInterventions,
  type PastIntervention,
  type Situation,
} from "./situation.js";

/** Features of a situation; what is not known has value 0 and `known` 0. */
export interface FeatureRow {
  /** `[features]` */
  readonly values: Float32Array;
  /** 1 where known, else 0, `[features]` */
  readonly known: Uint8Array;
}

/** Answers before and after an intervention that its success is judged by, at most. */
const answersCompared = 5;

/** Signals whose mean over the session tells what a learner knows and how they work. */
const sessionSignals = [
  "correct",
  "attempts",
  "hintsUsed",
  "rapidGuess",
  "itemDifficulty",
] as const satisfies readonly BehaviorSignal[];

/** Names of the features in their order, for a readiness state vector of a size. */
export function listFeatures(stateSize: number): readonly string[] {
  return [
    ...Array.from({ length: stateSize }, (_, place) => `state.${place}`),
    ...emotionIds.map((id) => `emotion.${id}`),
    ...supportLabels.map((label) => `text.support.${label}`),
    // From here on the summary: see countSummary.
    ...["pad.pleasure", "pad.arousal", "pad.dominance"],
    "text.readiness",
    ...["readiness", "expectedSuccess", "engagement", "cognitiveLoad"],
    /** ln(1 + minutes) */
    "since.reading",
    "since.intervention",
    "since.sessionStart",
    /** ln(1 + count), of this session */
    "count.moments",
    ...supportLabels.map((label) => `count.${label}`),
    ...supportLabels.map((label) => `last.${label}`),
    /** What followed the last intervention: after it less before it. */
    ...["followed.readiness", "followed.pleasure", "followed.success"],
    /** Share of right answers among the last ones known. */
    "recent.success",
    /** Means over the session's moments where known: what a learner is like, beyond the last moments. */
    ...sessionSignals.map((name) => `session.${name}`),
  ];
}

const minutesFrom = (from: number, to: number): number => Math.max(0, to - from) / 60_000;

/** Mean of a signal over moments where it is known; `undefined` where it never is. */
function meanSignal(moments: readonly Moment[], name: BehaviorSignal): number | undefined {
  let count = 0;
  let sum = 0;
  for (const { behavior } of moments) {
    const value = behavior?.[name];
    if (value === undefined) continue;
    count++;
    sum += Number(value);
  }
  return count === 0 ? undefined : sum / count;
}

/** What followed an intervention. It is given after its moment, so that moment still counts as before. */
function findFollowed(
  moments: readonly Moment[],
  { place }: PastIntervention,
): { readonly readiness?: number; readonly pleasure?: number; readonly success?: number } {
  const before = moments.slice(0, place + 1);
  const after = moments.slice(place + 1);
  const read = { before: findLastReading(before)?.reading, after: findLastReading(after)?.reading };
  const right = {
    before: meanSignal(before.slice(-answersCompared), "correct"),
    after: meanSignal(after.slice(0, answersCompared), "correct"),
  };
  return {
    ...(read.before === undefined || read.after === undefined
      ? {}
      : {
          readiness: read.after.readiness - read.before.readiness,
          pleasure: read.after.pad[0] - read.before.pad[0],
        }),
    ...(right.before === undefined || right.after === undefined
      ? {}
      : { success: right.after - right.before }),
  };
}

/** Writes values one after the other. */
class Writer {
  readonly values: Float32Array;
  readonly known: Uint8Array;
  #place = 0;

  constructor(size: number) {
    this.values = new Float32Array(size);
    this.known = new Uint8Array(size);
  }

  add(...values: readonly (number | undefined)[]): void {
    for (const value of values) {
      if (value !== undefined) {
        this.values[this.#place] = value;
        this.known[this.#place] = 1;
      }
      this.#place++;
    }
  }
}

/** Number of features for a readiness state vector of a size. */
export function countFeatures(stateSize: number): number {
  return listFeatures(stateSize).length;
}

/**
 * Features at the end of the list that sum a learner up in a few meaningful numbers. What levels add is learned from these
 * alone: effects are small and logs are noisy, so that a hundred inputs would be fitted to chance.
 */
export const countSummary = countFeatures(0) - emotionIds.length - supportLabels.length;

/** Lays out a situation in the order of `listFeatures`. */
export function buildFeatures(situation: Situation): FeatureRow {
  const { moments, now, state } = situation;
  const writer = new Writer(countFeatures(state.stateVector.length));
  const found = findLastReading(moments);
  const reading = found?.reading;
  writer.add(...state.stateVector);
  writer.add(...emotionIds.map((_, place) => reading?.emotion[place]));
  writer.add(...supportLabels.map((_, level) => reading?.support[level]));
  writer.add(...[0, 1, 2].map((axis) => reading?.pad[axis]));
  writer.add(reading?.readiness);
  writer.add(state.score, state.expectedSuccess, state.engagement, state.cognitiveLoad);

  const start = findSessionStart(situation);
  const past = listInterventions(moments, start);
  const last = past.at(-1);
  writer.add(found === undefined ? undefined : Math.log1p(minutesFrom(found.at, now)));
  writer.add(last === undefined ? undefined : Math.log1p(minutesFrom(last.at, now)));
  writer.add(Math.log1p(minutesFrom(moments[start]?.at ?? now, now)));
  writer.add(Math.log1p(moments.length - start));
  const counts = new Array<number>(levelCount).fill(0);
  for (const { intervention } of moments.slice(start)) {
    if (intervention !== undefined) counts[intervention.level] = (counts[intervention.level] as number) + 1;
  }
  writer.add(...counts.map((count) => Math.log1p(count)));
  writer.add(...counts.map((_, level) => (last === undefined ? undefined : Number(last.level === level))));
  const followed = last === undefined ? {} : findFollowed(moments, last);
  writer.add(followed.readiness, followed.pleasure, followed.success);
  writer.add(meanSignal(moments.slice(-answersCompared), "correct"));
  const session = moments.slice(start);
  writer.add(...sessionSignals.map((name) => meanSignal(session, name)));
  return { values: writer.values, known: writer.known };
}
