/** @file The messages simulated learners may write: given from outside, kept as indices, so that no text lives in here. */
import { AppError } from "../base/errors.js";
import type { EmotionId } from "../emotion/taxonomy.js";
import { isEmotionId } from "../emotion/taxonomy.js";

/** An utterance as its giver knows it, with the emotion it was labelled with. */
export interface LabelledUtterance {
  /** Index at the giver's, for example the row of a corpus split; a whole number from 0. */
  readonly index: number;
  readonly emotion: EmotionId;
}

/** Utterances by emotion. A learner who feels what the pool does not hold writes, but leaves no index. */
export class UtterancePool {
  readonly #byEmotion = new Map<EmotionId, number[]>();

  /**
   * @throws DATA_INVALID for an empty list, an index that is no whole number from 0, or an unknown emotion
   */
  constructor(utterances: readonly LabelledUtterance[]) {
    if (utterances.length === 0) {
      throw new AppError(
        "DATA_INVALID",
        "utterance pool: expected utterances, got none; give a labelled split",
      );
    }
    for (const { index, emotion } of utterances) {
      if (!Number.isSafeInteger(index) || index < 0 || !isEmotionId(emotion)) {
        throw new AppError(
          "DATA_INVALID",
          `utterance pool: expected a whole index from 0 and one of the 41 emotions, got ${index} and ${emotion}; check the split`,
        );
      }
      const kept = this.#byEmotion.get(emotion);
      if (kept === undefined) this.#byEmotion.set(emotion, [index]);
      else kept.push(index);
    }
  }

  /** Emotions that the pool holds. */
  get emotions(): readonly EmotionId[] {
    return [...this.#byEmotion.keys()];
  }

  /** The utterance of an emotion at a share of its list, or `undefined` where there is none. @param share in [0, 1) */
  pick(emotion: EmotionId, share: number): number | undefined {
    const indices = this.#byEmotion.get(emotion);
    return indices?.[Math.floor(share * indices.length)];
  }
}
