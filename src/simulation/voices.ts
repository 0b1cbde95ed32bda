/** @file What simulated learners can say, as a text model reads it: every message is read once, however often it is written. */
import type { EmotionId } from "../emotion/taxonomy.js";
import type { MessageReading } from "../history/moment.js";
import { UtterancePool } from "./utterances.js";

/** A text with the emotion it was labelled with. */
export interface LabelledText {
  readonly text: string;
  readonly emotion: EmotionId;
}

/** Reads texts, in order; `engine.read` is one. */
export type ReadTexts = (
  texts: readonly string[],
) => Promise<readonly { readonly reading: MessageReading }[]>;

/** Texts read between two reports of progress. */
const chunkSize = 256;

/** A pool of utterances with the reading of each. */
export class Voices {
  /** For `createCohort`; its indices are places in the list of texts. */
  readonly pool: UtterancePool;
  readonly #readings: readonly MessageReading[];

  private constructor(pool: UtterancePool, readings: readonly MessageReading[]) {
    this.pool = pool;
    this.#readings = readings;
  }

  /**
   * Reads the texts.
   * @param onProgress told of texts read
   * @throws DATA_INVALID where there are none; whatever `read` throws
   */
  static async read(
    texts: readonly LabelledText[],
    read: ReadTexts,
    onProgress: (done: number, total: number) => void = () => undefined,
  ): Promise<Voices> {
    const pool = new UtterancePool(texts.map(({ emotion }, index) => ({ index, emotion })));
    const readings: MessageReading[] = [];
    for (let start = 0; start < texts.length; start += chunkSize) {
      const chunk = texts.slice(start, start + chunkSize).map(({ text }) => text);
      readings.push(...(await read(chunk)).map(({ reading }) => reading));
      onProgress(readings.length, texts.length);
    }
    return new Voices(pool, readings);
  }

  /** How many utterances there are. */
  get size(): number {
    return this.#readings.length;
  }

  /** The reading of an utterance; `undefined` where none was written. */
  readingOf(utterance: number | undefined): MessageReading | undefined {
    return utterance === undefined ? undefined : this.#readings[utterance];
  }
}
