/** @file What the loop feeds the graph: the rows of a step as parts that fit, with their targets. */
import { Random } from "../../base/random.js";
import { augment } from "../../data/augmentation.js";
import type { Example } from "../../data/example.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import type { SoftLabels } from "../distillation/soft-labels.js";
import type { Experiment } from "../experiment.js";
import { type Dataset, layBatch, measureLabelShares, measureShare, tokenizeAll } from "./dataset.js";
import type { TrainingBatch } from "./step.js";
import { buildTargets, type TargetOptions } from "./target.js";

/** Turns row numbers into batches. */
export class Feed {
  /** Tokens of each training row, `[train]`. */
  readonly lengths: readonly number[];
  readonly targets: TargetOptions;
  readonly #experiment: Experiment;
  readonly #dataset: Dataset;
  readonly #tokenizer: Tokenizer;
  readonly #ids: readonly Int32Array[];

  /** @param teacher the answers to follow, where the experiment names any */
  constructor(experiment: Experiment, dataset: Dataset, tokenizer: Tokenizer, teacher?: SoftLabels) {
    const { heads, alsoShare, labelSmoothing, maxTokens, distillation } = experiment;
    this.#experiment = experiment;
    this.#dataset = dataset;
    this.#tokenizer = tokenizer;
    this.#ids = tokenizeAll(dataset.train, tokenizer, maxTokens);
    this.lengths = this.#ids.map((ids) => ids.length);
    const find = (example: Example) => teacher?.find(example.text);
    this.targets = {
      heads,
      alsoShare,
      labelSmoothing,
      labelShares: measureLabelShares(dataset),
      ...(distillation && teacher
        ? {
            distillation: {
              ...distillation,
              find,
              ...(distillation.similarity > 0 && {
                findVector: ({ text }: Example) => teacher.findVector(text),
              }),
              share: measureShare(dataset, (row) => find(row) !== undefined),
            },
          }
        : {}),
    };
  }

  /** The rows of a step in parts of `batchSize`; together their gradients are those of the whole. */
  partsOf(rows: Int32Array, step: number): TrainingBatch[] {
    const { batchSize } = this.#experiment;
    const parts: TrainingBatch[] = [];
    for (let start = 0; start < rows.length; start += batchSize) {
      const part = [...rows.slice(start, start + batchSize)];
      const laid = layBatch(
        part.map((row) => this.#idsOf(row, step)),
        this.#tokenizer.padId,
      );
      const examples = part.map((row) => this.#dataset.train[row] as Example);
      parts.push({ ...laid, targets: buildTargets(examples, this.targets, rows.length) });
    }
    return parts;
  }

  /** Token ids of a training row; now and then of a version of its text with slips of the pen. */
  #idsOf(row: number, step: number): Int32Array {
    const { augmentation, seed, maxTokens } = this.#experiment;
    const ids = this.#ids[row] as Int32Array;
    if (augmentation.share === 0) return ids;
    const random = Random.seeded(seed, `augmentation:${step}:${row}`);
    if (random.float() >= augmentation.share) return ids;
    const { text } = this.#dataset.train[row] as Example;
    return this.#tokenizer.encode(augment(text, random, augmentation.strength), maxTokens).ids;
  }
}
