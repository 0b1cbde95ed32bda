/** @file Moments as the numbers the readiness network reads: the last few of a learner, each with what is known of it. */
import { AppError } from "../base/errors.js";
import { headSizes } from "../base/head.js";
import { type NormalizedBehavior, normalizeBehavior, observeOwnBehavior } from "../behavior/normalization.js";
import { behaviorSignalNames, type LearningContext } from "../behavior/signals.js";
import { LearnerStatistics, type PopulationStatistics } from "../behavior/statistics.js";
import { logit } from "../calibration/probability.js";
import type { MessageReading, Moment } from "../history/moment.js";
import type { Tensor } from "../runtime/session.js";
import { hasSignal, orderMoments } from "./moment-order.js";

/** Moments the network looks at: as many as tell what a learner can do, more than tell how they feel. */
export const windowMoments = 32;

/** Moments from which a learner's own usual pace is known; older ones are forgotten, so that the cost has a bound. */
export const statisticsMoments = 64;

const textWidth = headSizes.emotion + headSizes.pad + headSizes.readiness + headSizes.support;
const behaviorWidth = behaviorSignalNames.length;

/**
 * What is known of a moment beside its embedding, in order: emotion probabilities `[41]`, pleasure, arousal, dominance
 * centred to [−1, 1], text readiness as half its logit, support probabilities `[6]`, whether there is a message;
 * behaviour values `[13]`, whether each is known `[13]`; log time to now, log time since the moment before, whether
 * there was one; for subject, activity and item whether both this moment's and the newest one's are known, and whether
 * they are the same `[3, 2]`. All 0 where not known.
 */
export const signalWidth = textWidth + 1 + 2 * behaviorWidth + 3 + 6;

/** Place among the signals of the flag that there is a message. */
export const messagePlace = textWidth;

/** Place of the log time to now among the signals. */
export const gapPlace = textWidth + 1 + 2 * behaviorWidth;

/** The message that readiness starts from: logit of its readiness by the text alone, whether there is one, its log age. */
export const anchorWidth = 3;

/** A moment with its behaviour normalised by what was known before it. */
export interface EncodedMoment {
  readonly at: number;
  readonly reading?: MessageReading | undefined;
  readonly behavior?: NormalizedBehavior | undefined;
  readonly context?: LearningContext | undefined;
}

/** Log of a time, [0, …): 0 at once, .5 after 11 s, 1.6 after an hour, 2.7 after a week. */
function logTime(milliseconds: number): number {
  return Math.log1p(milliseconds / 1000) / 5;
}

/**
 * Orders a learner's moments and normalises their behaviour, each by the steps before it, against a population that
 * stays as it is. Moments of one time do not know of each other.
 * @returns the last `statisticsMoments` that say something, oldest first
 * @throws INPUT_TYPE as `orderMoments`
 */
export function encodeMoments(
  moments: readonly Moment[],
  now: number,
  population: PopulationStatistics,
  where: string,
): readonly EncodedMoment[] {
  const ordered = orderMoments(moments, now, statisticsMoments, where);
  const learner = new LearnerStatistics();
  const encoded: EncodedMoment[] = [];
  let observed = 0;
  for (const { at, reading, behavior, context } of ordered) {
    for (; (ordered[observed] as Moment).at < at; observed++) {
      const earlier = ordered[observed] as Moment;
      const itemId = earlier.context?.itemId;
      if (earlier.behavior !== undefined)
        observeOwnBehavior(earlier.behavior, { population, learner, itemId });
    }
    const statistics = { population, learner, itemId: context?.itemId };
    encoded.push({
      at,
      reading,
      context,
      behavior: hasSignal(behavior) ? normalizeBehavior(behavior, statistics) : undefined,
    });
  }
  return encoded;
}

/**
 * Windows of a batch, laid out for the network. A place that no moment fills is 0 in every input and in `mask`;
 * a window's moments stand at its end.
 */
export class FeatureBatch {
  /** `[batch, 32, hidden]` */
  readonly embedding: Float32Array;
  /** `[batch, 32, signalWidth]` */
  readonly signals: Float32Array;
  /** 1 where there is a moment, `[batch, 32]` */
  readonly mask: Float32Array;
  /** `[batch, 3]` */
  readonly anchor: Float32Array;
  /** 0 where there is one message and nothing else: then the text alone decides. `[batch, 1]` */
  readonly gate: Float32Array;
  readonly #hidden: number;

  /** @param hidden width of the text model's embedding */
  constructor(
    readonly rows: number,
    hidden: number,
  ) {
    this.#hidden = hidden;
    this.embedding = new Float32Array(rows * windowMoments * hidden);
    this.signals = new Float32Array(rows * windowMoments * signalWidth);
    this.mask = new Float32Array(rows * windowMoments);
    this.anchor = new Float32Array(rows * anchorWidth);
    this.gate = new Float32Array(rows);
  }

  /**
   * Writes the window of a row that is still empty.
   * @param encoded a learner's moments up to now, oldest first, each with a message or a signal
   * @throws MODEL_SHAPE where an embedding has another width
   */
  write(row: number, encoded: readonly EncodedMoment[], now: number): void {
    const window = encoded.slice(-windowMoments);
    const first = row * windowMoments + windowMoments - window.length;
    const newest = window.findLast(({ context }) => context !== undefined)?.context;
    window.forEach((moment, i) => {
      this.mask[first + i] = 1;
      if (moment.reading !== undefined) this.#writeText(first + i, moment.reading);
      if (moment.behavior !== undefined) this.#writeBehavior(first + i, moment.behavior);
      const times = (first + i) * signalWidth + gapPlace;
      this.#writeTimes(times, encoded, encoded.length - window.length + i, now);
      if (moment.context !== undefined && newest !== undefined) {
        this.signals.set(compareContexts(moment.context, newest), times + 3);
      }
    });
    const last = encoded.findLast(({ reading }) => reading !== undefined);
    if (last?.reading !== undefined) {
      const { readiness } = last.reading;
      this.anchor.set([logit(readiness), 1, logTime(now - last.at)], row * anchorWidth);
    }
    const [only] = encoded;
    const textAlone = encoded.length === 1 && only?.reading !== undefined && only.behavior === undefined;
    this.gate[row] = textAlone ? 0 : 1;
  }

  /** The inputs of the network, by name. */
  get feeds(): Record<ReadinessInput, Tensor> {
    const { rows } = this;
    const tensor = (dims: readonly number[], data: Float32Array): Tensor => ({ type: "float32", dims, data });
    return {
      embedding: tensor([rows, windowMoments, this.#hidden], this.embedding),
      signals: tensor([rows, windowMoments, signalWidth], this.signals),
      mask: tensor([rows, windowMoments], this.mask),
      anchor: tensor([rows, anchorWidth], this.anchor),
      gate: tensor([rows, 1], this.gate),
    };
  }

  #writeText(place: number, { emotion, pad, readiness, support, embedding }: MessageReading): void {
    if (embedding.length !== this.#hidden) {
      throw new AppError(
        "MODEL_SHAPE",
        `readiness: expected embeddings of width ${this.#hidden}, got ${embedding.length}; read the messages with the text model it was trained on`,
      );
    }
    this.embedding.set(embedding, place * this.#hidden);
    const text = [...emotion, ...pad.map((value) => 2 * value - 1), logit(readiness) / 2, ...support, 1];
    this.signals.set(text, place * signalWidth);
  }

  #writeBehavior(place: number, { values, known }: NormalizedBehavior): void {
    const start = place * signalWidth + textWidth + 1;
    this.signals.set(values, start);
    this.signals.set(known, start + behaviorWidth);
  }

  /** Time since the moment before is that since the last one earlier than this: moments of one time share it. */
  #writeTimes(start: number, encoded: readonly EncodedMoment[], index: number, now: number): void {
    const { at } = encoded[index] as EncodedMoment;
    let before = index - 1;
    while (before >= 0 && (encoded[before] as EncodedMoment).at === at) before--;
    const previous = encoded[before];
    this.signals.set(
      [
        logTime(now - at),
        previous === undefined ? 0 : logTime(at - previous.at),
        previous === undefined ? 0 : 1,
      ],
      start,
    );
  }
}

/** For subject, activity and item: whether both are known, whether they are the same, `[6]`. */
function compareContexts(one: LearningContext, other: LearningContext): number[] {
  return (["subject", "activity", "itemId"] as const).flatMap((name) => {
    const isKnown = one[name] !== undefined && other[name] !== undefined;
    return [isKnown ? 1 : 0, isKnown && one[name] === other[name] ? 1 : 0];
  });
}

/** Names of the network's inputs. */
export type ReadinessInput = "embedding" | "signals" | "mask" | "anchor" | "gate";
