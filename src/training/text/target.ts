/** @file From the labels of examples to the targets and row weights that the losses read. */

import { type HeadName, headSizes } from "../../base/head.js";
import { sigmoid, softmax } from "../../calibration/probability.js";
import type { Example } from "../../data/example.js";
import type { Tensor } from "../../runtime/session.js";
import { dotProduct } from "../distillation/projection.js";
import type { TeacherLogits } from "../distillation/soft-label-format.js";
import {
  headLosses,
  rowWeightName,
  similarityName,
  similarityWeightName,
  softRowWeightName,
  softTargetName,
  targetName,
} from "./loss.js";

/** How labels become targets. */
export interface TargetOptions {
  readonly heads: readonly HeadName[];
  /** Share of the emotion target spread over the other emotions named in `also`. */
  readonly alsoShare: number;
  /** Share of the emotion target spread evenly over all classes. */
  readonly labelSmoothing: number;
  /** Share of the training rows, as they are drawn, that carry each head's label: in (0, 1]. */
  readonly labelShares: Readonly<Record<HeadName, number>>;
  /** What a teacher says, and how far it is followed. */
  readonly distillation?: Distillation | undefined;
}

/** A teacher to follow beside the labels. */
export interface Distillation {
  /** What the teacher said of an example; `undefined` where it was not asked. */
  readonly find: (example: Example) => TeacherLogits | undefined;
  /** Where the teacher sees an example among the others: dot products say how alike two are. Absent where that is not followed. */
  readonly findVector?: ((example: Example) => Float32Array | undefined) | undefined;
  readonly temperature: number;
  /** Share of the loss that follows the teacher where there is a label too. */
  readonly weight: number;
  /** Share of the training rows, as they are drawn, that the teacher was asked about: in (0, 1]. */
  readonly share: number;
}

/** Feeds of a batch's targets and row weights. */
export interface TargetBatch {
  readonly feeds: Readonly<Record<string, Tensor>>;
}

/** Sharpness of the ordinal targets: level k gets weight e^(−sharpness·|k − level|). */
const ordinalSharpness = 1.8;

/**
 * Writes the target of one head into `out` at `at` and returns whether the example has that label.
 * Emotion: 1 − alsoShare on the main class, the rest on the others named. Support: soft levels around the right one.
 * @source Diaz & Marathe, "Soft Labels for Ordinal Regression", CVPR 2019, with absolute distances.
 */
export function writeTarget(
  head: HeadName,
  example: Example,
  options: TargetOptions,
  out: Float32Array,
  at: number,
): boolean {
  const size = headSizes[head];
  switch (head) {
    case "emotion": {
      if (!example.emotion) return false;
      const { primary, also } = example.emotion;
      const { labelSmoothing } = options;
      const others = also.length > 0 ? options.alsoShare : 0;
      out.fill(labelSmoothing / size, at, at + size);
      out[at + primary] = (out[at + primary] as number) + (1 - labelSmoothing) * (1 - others);
      for (const id of also)
        out[at + id] = (out[at + id] as number) + ((1 - labelSmoothing) * others) / also.length;
      return true;
    }
    case "goemotions":
      for (const label of example.goemotions ?? []) out[at + label] = 1;
      return example.goemotions !== undefined;
    case "pad":
    case "emobank":
      out.set(example[head] ?? [], at);
      return example[head] !== undefined;
    case "readiness":
      out[at] = example.readiness ?? 0;
      return example.readiness !== undefined;
    case "support": {
      const { support } = example;
      if (support === undefined) return false;
      let total = 0;
      for (let level = 0; level < size; level++)
        total += Math.exp(-ordinalSharpness * Math.abs(level - support));
      for (let level = 0; level < size; level++) {
        out[at + level] = Math.exp(-ordinalSharpness * Math.abs(level - support)) / total;
      }
      return true;
    }
  }
}

/** A teacher's logits as the probabilities that its student should reach at that temperature. */
function soften(head: HeadName, logits: Float32Array, temperature: number): Float64Array {
  switch (headLosses[head]) {
    case "softmax":
      return softmax(logits, temperature);
    case "binary":
      return sigmoid(logits, temperature);
    case "square":
      return sigmoid(logits, 1);
  }
}

/**
 * Targets of a batch.
 * A labelled row weighs 1 / (rows · share): each loss is an average over its labelled rows in the long run, and a row
 * counts the same whichever batch it falls into. Where a teacher answered, `weight` of the row follows the teacher and
 * the rest the label.
 * @param rows rows of the whole step, of which `examples` may be a part
 */
export function buildTargets(
  examples: readonly Example[],
  options: TargetOptions,
  rows: number,
): TargetBatch {
  const { distillation } = options;
  const answers = examples.map((example) => distillation?.find(example));
  const feeds: Record<string, Tensor> = {};
  for (const head of options.heads) {
    const size = headSizes[head];
    const dims = [examples.length, size];
    const target = new Float32Array(examples.length * size);
    const weight = new Float32Array(examples.length);
    examples.forEach((example, i) => {
      const left = distillation && answers[i] ? 1 - distillation.weight : 1;
      if (writeTarget(head, example, options, target, i * size))
        weight[i] = left / (rows * options.labelShares[head]);
    });
    feeds[targetName(head)] = { type: "float32", dims, data: target };
    feeds[rowWeightName(head)] = { type: "float32", dims: [examples.length], data: weight };
    if (!distillation) continue;
    const soft = new Float32Array(examples.length * size);
    const softWeight = new Float32Array(examples.length);
    answers.forEach((logits, i) => {
      if (!logits) return;
      soft.set(soften(head, logits[head], distillation.temperature), i * size);
      softWeight[i] = distillation.weight / (rows * distillation.share);
    });
    feeds[softTargetName(head)] = { type: "float32", dims, data: soft };
    feeds[softRowWeightName(head)] = { type: "float32", dims: [examples.length], data: softWeight };
  }
  if (distillation?.findVector) {
    const vectors = examples.map(distillation.findVector);
    Object.assign(feeds, buildSimilarity(vectors, rows));
  }
  return { feeds };
}

/**
 * How alike a teacher finds each two texts. A pair weighs 1 / (rows · found), so that the loss is the mean over pairs in a
 * step of one part, and parts add up by their rows.
 * @param vectors of a part's rows; nothing where the teacher was not asked
 * @param rows rows of the whole step
 */
function buildSimilarity(
  vectors: readonly (Float32Array | undefined)[],
  rows: number,
): Record<string, Tensor> {
  const size = vectors.length;
  const found = vectors.filter((vector) => vector !== undefined).length;
  const similarity = new Float32Array(size * size);
  const weight = new Float32Array(size);
  vectors.forEach((one, i) => {
    if (!one) return;
    weight[i] = 1 / Math.sqrt(rows * found);
    for (let j = 0; j < i; j++) {
      const other = vectors[j];
      const product = other ? dotProduct(one, other) : 0;
      similarity[i * size + j] = product;
      similarity[j * size + i] = product;
    }
    // Few numbers of a vector do not give its whole length; a text is like itself all the same.
    similarity[i * size + i] = 1;
  });
  return {
    [similarityName]: { type: "float32", dims: [size, size], data: similarity },
    [similarityWeightName]: { type: "float32", dims: [size], data: weight },
  };
}
