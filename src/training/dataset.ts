/** @file The rows of a run: what is trained on, how often, and what it is validated on. */

import { type HeadName, headNames } from "../base/head.js";
import { Random } from "../base/random.js";
import { loadCorpus } from "../data/corpora.js";
import type { BadRow, Example, LoadedCorpus } from "../data/example.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { Experiment } from "./experiment.js";

/** What was loaded of a corpus, for the run's record. */
export interface CorpusRecord {
  readonly name: string;
  readonly trainRows: number;
  readonly validationRows: number;
  readonly badRows: readonly BadRow[];
  readonly duplicatesRemoved: number;
  readonly sha256: string;
}

/** Rows to train and validate on. Test rows are not even held. */
export interface Dataset {
  readonly train: readonly Example[];
  /** How often each training row is seen in an epoch, `[train]`. */
  readonly weights: Float64Array;
  readonly validation: readonly Example[];
  readonly corpora: readonly CorpusRecord[];
}

type CorpusSetting = Experiment["corpora"][number];

/** A corpus known by name, in its usual folder or that of `path`; else the file of one's own that `path` is. */
async function load({ name, path, columns }: CorpusSetting): Promise<LoadedCorpus> {
  if (name === "learner" || name === "goemotions" || name === "emobank") {
    return loadCorpus(name, path === undefined ? {} : { folder: path });
  }
  return loadCorpus("own", { own: { file: path ?? name, columns: { text: "text", ...columns } } });
}

/** Loads every corpus of an experiment. @throws DATA_NOT_FOUND, DATA_INVALID */
export async function loadDataset(experiment: Experiment): Promise<Dataset> {
  const train: Example[] = [];
  const weights: number[] = [];
  const validation: Example[] = [];
  const corpora: CorpusRecord[] = [];
  for (const setting of experiment.corpora) {
    const corpus = await load(setting);
    const random = Random.seeded(experiment.seed, `share:${setting.name}`);
    const kept = corpus.examples.filter(
      ({ split }) => split !== "test" && (setting.share === 1 || random.float() < setting.share),
    );
    const rows = kept.filter(({ split }) => split === "train");
    const held = kept.filter(({ split }) => split === "validation");
    for (const row of rows) {
      train.push(row);
      weights.push(setting.weight);
    }
    validation.push(...held);
    corpora.push({
      name: corpus.name,
      trainRows: rows.length,
      validationRows: held.length,
      badRows: corpus.badRows,
      duplicatesRemoved: corpus.duplicatesRemoved,
      sha256: corpus.sha256,
    });
  }
  return { train, weights: Float64Array.from(weights), validation, corpora };
}

/** Whether an example has a label for a head. */
export function hasLabel(example: Example, head: HeadName): boolean {
  return example[head] !== undefined;
}

/** Share of the rows, as they are drawn, that carry each head's label; 1 where none does, so that nothing is divided by 0. */
export function measureLabelShares({ train, weights }: Dataset): Record<HeadName, number> {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const share = (head: HeadName): number => {
    let labelled = 0;
    train.forEach((example, i) => {
      if (hasLabel(example, head)) labelled += weights[i] as number;
    });
    return labelled > 0 ? labelled / total : 1;
  };
  return Object.fromEntries(headNames.map((head) => [head, share(head)])) as Record<HeadName, number>;
}

/** Token ids of every text, cut to `maxTokens`. */
export function tokenizeAll(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  maxTokens: number,
): Int32Array[] {
  return examples.map(({ text }) => tokenizer.encode(text, maxTokens).ids);
}

/** Token arrays laid out as one batch, shorter rows filled with the padding id. */
export interface TokenBatch {
  /** int64 `[batch,tokens]` */
  readonly ids: BigInt64Array;
  /** int64 `[batch,tokens]` */
  readonly mask: BigInt64Array;
  readonly batch: number;
  readonly tokens: number;
}

/** Lays out rows of ids as a batch as long as the longest. */
export function layBatch(rows: readonly Int32Array[], padId: number): TokenBatch {
  const tokens = rows.reduce((longest, row) => Math.max(longest, row.length), 1);
  const ids = new BigInt64Array(rows.length * tokens).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * tokens);
  rows.forEach((row, r) => {
    for (let i = 0; i < row.length; i++) {
      ids[r * tokens + i] = BigInt(row[i] as number);
      mask[r * tokens + i] = 1n;
    }
  });
  return { ids, mask, batch: rows.length, tokens };
}
