/** @file The rows of a run: what is trained on, how often, and what it is validated on. */

import { type HeadName, headNames } from "../../base/head.js";
import { Random } from "../../base/random.js";
import { corpusNames, loadCorpus } from "../../data/corpora.js";
import type { BadRow, Example, LoadedCorpus, Split } from "../../data/example.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { Experiment } from "../experiment.js";

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

/**
 * A corpus known by name, in its usual folder or that of `path`; else the file of one's own that `path` is.
 * @param unlabelled whether rows of such a file are of use without a label, to a teacher
 */
async function load({ name, path, columns }: CorpusSetting, unlabelled: boolean): Promise<LoadedCorpus> {
  const known = corpusNames.find((one) => one === name);
  if (known && known !== "own") return loadCorpus(known, path === undefined ? {} : { folder: path });
  return loadCorpus("own", {
    own: { file: path ?? name, columns: { text: "text", ...columns }, unlabelled },
  });
}

/** A corpus of an experiment, its test rows left out and so much of the others as the setting says. */
async function loadKept(
  setting: CorpusSetting,
  seed: number,
  unlabelled: boolean,
): Promise<{ corpus: LoadedCorpus; rows: Example[]; held: Example[] }> {
  const corpus = await load(setting, unlabelled);
  const random = Random.seeded(seed, `share:${setting.name}`);
  const kept = corpus.examples.filter(
    ({ split }) => split !== "test" && (setting.share === 1 || random.float() < setting.share),
  );
  const of = (wanted: Split): Example[] => kept.filter(({ split }) => split === wanted);
  return { corpus, rows: of("train"), held: of("validation") };
}

/** Loads every corpus of an experiment. @throws DATA_NOT_FOUND, DATA_INVALID */
export async function loadDataset(experiment: Experiment): Promise<Dataset> {
  const train: Example[] = [];
  const weights: number[] = [];
  const validation: Example[] = [];
  const corpora: CorpusRecord[] = [];
  for (const setting of experiment.corpora) {
    const { corpus, rows, held } = await loadKept(setting, experiment.seed, experiment.distillation !== null);
    for (const row of rows) {
      train.push(row);
      weights.push(setting.weight);
    }
    // Rows without a label that a head could be measured on would only cost time.
    validation.push(...held.filter((row) => headNames.some((head) => hasLabel(row, head))));
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

/** Training texts of one corpus, each once. */
export interface LoadedTexts {
  readonly name: string;
  readonly sha256: string;
  readonly texts: readonly string[];
}

/** The training texts of an experiment's corpora, labels left aside. @throws DATA_NOT_FOUND, DATA_INVALID */
export async function loadTrainingTexts(
  experiment: Pick<Experiment, "corpora" | "seed">,
): Promise<LoadedTexts[]> {
  const all: LoadedTexts[] = [];
  for (const setting of experiment.corpora) {
    const { corpus, rows } = await loadKept(setting, experiment.seed, true);
    const texts = [...new Set(rows.map(({ text }) => text))];
    if (texts.length > 0) all.push({ name: setting.name, sha256: corpus.sha256, texts });
  }
  return all;
}

/** Whether an example has a label for a head. */
export function hasLabel(example: Example, head: HeadName): boolean {
  return example[head] !== undefined;
}

/** Share of the training rows, as they are drawn, of which something holds; 1 where it holds of none, so that nothing is divided by 0. */
export function measureShare({ train, weights }: Dataset, holds: (example: Example) => boolean): number {
  let total = 0;
  let found = 0;
  train.forEach((example, i) => {
    const weight = weights[i] as number;
    total += weight;
    if (holds(example)) found += weight;
  });
  return found > 0 ? found / total : 1;
}

/** Share of the rows, as they are drawn, that carry each head's label. */
export function measureLabelShares(dataset: Dataset): Record<HeadName, number> {
  return Object.fromEntries(
    headNames.map((head) => [head, measureShare(dataset, (example) => hasLabel(example, head))]),
  ) as Record<HeadName, number>;
}

/** Token ids of every text, cut to `maxTokens`. */
export function tokenizeTexts(
  texts: readonly string[],
  tokenizer: Tokenizer,
  maxTokens: number,
): Int32Array[] {
  return texts.map((text) => tokenizer.encode(text, maxTokens).ids);
}

/** Token ids of every example's text, cut to `maxTokens`. */
export function tokenizeAll(
  examples: readonly Example[],
  tokenizer: Tokenizer,
  maxTokens: number,
): Int32Array[] {
  return tokenizeTexts(
    examples.map(({ text }) => text),
    tokenizer,
    maxTokens,
  );
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
