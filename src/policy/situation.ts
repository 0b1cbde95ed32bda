/** @file What a policy may look at when it decides: a learner's moments so far and what readiness makes of them. */
import { emotionIndex } from "../emotion/taxonomy.js";
import type { Intervention, MessageReading, Moment } from "../history/moment.js";

/** What the readiness network says of a learner now; its `assess` result fits. */
export interface LearnerState {
  /** Readiness, [0, 1]. */
  readonly score: number;
  /** Probability that the next step succeeds, [0, 1]. */
  readonly expectedSuccess: number;
  /** Attention given to the work, [0, 1]. */
  readonly engagement: number;
  /** [0, 1] */
  readonly cognitiveLoad: number;
  /** The network's summary of the last moments, `[state]`. */
  readonly stateVector: Float32Array;
}

/** A learner at the time of a decision. */
export interface Situation {
  /**
   * Moments, oldest first, the last being the one decided about; at least those of the whole session, since
   * interventions are counted in them.
   */
  readonly moments: readonly Moment[];
  /** ms since 1970; not before the last moment. */
  readonly now: number;
  readonly state: LearnerState;
  /** The message of the last moment, where there is one. Only the guard against crisis language reads it. */
  readonly text?: string | undefined;
}

/** An intervention above none, when it was and at which place in the moments. */
export interface PastIntervention extends Intervention {
  readonly at: number;
  readonly place: number;
}

/** Pause after which a new session begins, ms. Assumption: thirty minutes, as web analytics counts sessions. */
export const sessionPauseMs = 30 * 60_000;

/** Place of the first moment of the present session; the number of moments where the pause lies before now. */
export function findSessionStart({ moments, now }: Situation, pauseMs = sessionPauseMs): number {
  let next = now;
  for (let place = moments.length - 1; place >= 0; place--) {
    const { at } = moments[place] as Moment;
    if (next - at > pauseMs) return place + 1;
    next = at;
  }
  return 0;
}

/** Interventions above none from a place on, oldest first. */
export function listInterventions(moments: readonly Moment[], from = 0): readonly PastIntervention[] {
  const found: PastIntervention[] = [];
  for (let place = from; place < moments.length; place++) {
    const { at, intervention } = moments[place] as Moment;
    if (intervention !== undefined && intervention.level > 0) found.push({ ...intervention, at, place });
  }
  return found;
}

/** The last message read, with when it was; `undefined` where none was. */
export function findLastReading(
  moments: readonly Moment[],
): { readonly at: number; readonly reading: MessageReading } | undefined {
  for (let place = moments.length - 1; place >= 0; place--) {
    const { at, reading } = moments[place] as Moment;
    if (reading !== undefined) return { at, reading };
  }
  return undefined;
}

/** Place of the largest number; the first of equals. */
export function findLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place++) {
    if ((values[place] as number) > (values[best] as number)) best = place;
  }
  return best;
}

const confusion = emotionIndex("confusion") as number;

/** Whether confusion is the most probable emotion of a message. */
export function isConfused({ emotion }: MessageReading): boolean {
  return findLargest(emotion) === confusion;
}

/**
 * Since when the learner's messages speak of confusion without another emotion in between, ms since 1970.
 * `undefined` where the last message does not.
 */
export function findConfusionStart(moments: readonly Moment[]): number | undefined {
  let start: number | undefined;
  for (let place = moments.length - 1; place >= 0; place--) {
    const { at, reading } = moments[place] as Moment;
    if (reading === undefined) continue;
    if (!isConfused(reading)) break;
    start = at;
  }
  return start;
}
