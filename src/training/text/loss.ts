/** @file What each head is trained for, as graph: one loss a head, summed over the rows of a batch by their weights. */

import { type HeadName, headSizes } from "../../base/head.js";
import type { Dim } from "../../base/shape.js";
import {
  add,
  div,
  type Graph,
  logSoftmax,
  matmul,
  mul,
  neg,
  reduceMean,
  reduceSum,
  sigmoid,
  softplus,
  sqrt,
  sub,
  transposeLast,
  type Value,
} from "../../graph/index.js";

/** How a head's logits meet its target. */
export const headLosses = {
  emotion: "softmax",
  goemotions: "binary",
  pad: "square",
  emobank: "square",
  readiness: "square",
  support: "softmax",
} as const satisfies Record<HeadName, "softmax" | "binary" | "square">;

const rules: Record<"softmax" | "binary" | "square", (logits: Value, target: Value) => Value> = {
  // −Σ t·ln softmax(x): cross-entropy with soft targets
  softmax: (x, t) => neg(reduceSum(mul(t, logSoftmax(x)), [1])),
  // Σ ln(1 + eˣ) − t·x: binary cross-entropy of each label, stable for large |x|
  binary: (x, t) => reduceSum(sub(softplus(x), mul(t, x)), [1]),
  // mean (σ(x) − t)²
  square: (x, t) => {
    const error = sub(sigmoid(x), t);
    return reduceMean(mul(error, error), [1]);
  },
};

/**
 * How a head's logits follow a teacher's: the same rules on logits divided by T, times T² so that the gradients keep
 * their size; a regression has no temperature.
 * @source Hinton, Vinyals & Dean, "Distilling the Knowledge in a Neural Network", 2015.
 */
function followTeacher(head: HeadName, logits: Value, target: Value, temperature: number): Value {
  const rule = headLosses[head];
  if (rule === "square" || temperature === 1) return rules[rule](logits, target);
  return mul(rules[rule](mul(logits, 1 / temperature), target), temperature ** 2);
}

/** How a teacher is followed. */
export interface Following {
  /** Softens both sides' logits. */
  readonly temperature: number;
  /** How much it counts that the student finds the same texts alike; 0 is off. */
  readonly similarity: number;
}

/** The losses of a training graph: `total`, and each that it is made of by the head's name or `similarity`; all scalars. */
export interface Losses {
  readonly total: Value;
  readonly parts: ReadonlyMap<string, Value>;
}

/** Name of the input that holds a head's targets, `[batch,size]`. */
export const targetName = (head: HeadName): string => `target.${head}`;

/** Name of the input that holds the weight of each row, `[batch]`; 0 where a row has no such label. */
export const rowWeightName = (head: HeadName): string => `weight.${head}`;

/** Name of the input that holds a teacher's probabilities, `[batch,size]`, softened where the head has a temperature. */
export const softTargetName = (head: HeadName): string => `soft.${head}`;

/** Name of the input that holds the weight of each row's teacher, `[batch]`; 0 where it was not asked. */
export const softRowWeightName = (head: HeadName): string => `soft.weight.${head}`;

/** Name of the loss of similarity beside those of the heads, and of the input that holds how alike a teacher finds the texts of each two rows, `[batch,batch]`. */
export const similarityName = "similarity";

/** Name of the input that holds the weight of each row in it, `[batch]`; a pair weighs the product, 0 where either was not asked about. */
export const similarityWeightName = "similarity.weight";

/**
 * Σᵢⱼ wᵢ·wⱼ·(cos(xᵢ, xⱼ) − sᵢⱼ)²: texts that the teacher finds alike shall be alike to the student.
 * @param pooled `[batch,hidden]`
 * @source Tung & Mori, "Similarity-Preserving Knowledge Distillation", ICCV 2019, with cosines instead of products whose rows are scaled.
 */
function followSimilarity(graph: Graph, pooled: Value, batch: Dim): Value {
  const wanted = graph.input(similarityName, "float32", [batch, batch]);
  const weight = graph.input(similarityWeightName, "float32", [batch]);
  const unit = div(pooled, sqrt(add(reduceSum(mul(pooled, pooled), [1], true), 1e-12)));
  const error = sub(matmul(unit, transposeLast(unit)), wanted);
  const rows = reduceSum(mul(mul(error, error), weight), [1]);
  return reduceSum(mul(rows, weight), [0]);
}

/**
 * Adds targets, row weights and losses for `heads` to the graph: total = Σ heads lossWeight · Σ rows weight · loss.
 * With a teacher, a row's loss is that of its label and that of the teacher, each by a weight of its own, and how alike
 * the rows are is followed too where `similarity` is above 0.
 * Row weights carry the division by the batch, so that a batch may be run in parts whose gradients add up.
 */
export function buildLosses(
  graph: Graph,
  logits: Readonly<Record<HeadName, Value>>,
  heads: readonly HeadName[],
  lossWeights: Readonly<Record<HeadName, number>>,
  following: (Following & { readonly pooled: Value }) | null = null,
  batch: Dim = "batch",
): Losses {
  const parts = new Map<string, Value>();
  const weighted: Value[] = [];
  for (const head of heads) {
    const target = graph.input(targetName(head), "float32", [batch, headSizes[head]]);
    const weight = graph.input(rowWeightName(head), "float32", [batch]);
    let loss = reduceSum(mul(rules[headLosses[head]](logits[head], target), weight), [0]);
    if (following) {
      const soft = graph.input(softTargetName(head), "float32", [batch, headSizes[head]]);
      const softWeight = graph.input(softRowWeightName(head), "float32", [batch]);
      const followed = followTeacher(head, logits[head], soft, following.temperature);
      loss = add(loss, reduceSum(mul(followed, softWeight), [0]));
    }
    parts.set(head, loss);
    weighted.push(mul(loss, lossWeights[head]));
  }
  if (following && following.similarity > 0) {
    const loss = followSimilarity(graph, following.pooled, batch);
    parts.set(similarityName, loss);
    weighted.push(mul(loss, following.similarity));
  }
  const [first = graph.scalar(0), ...others] = weighted;
  return { total: others.reduce(add, first), parts };
}
