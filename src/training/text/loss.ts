/** @file What each head is trained for, as graph: one loss a head, summed over the rows of a batch by their weights. */

import { type HeadName, headSizes } from "../../base/head.js";
import type { Dim } from "../../base/shape.js";
import {
  add,
  type Graph,
  logSoftmax,
  mul,
  neg,
  reduceMean,
  reduceSum,
  sigmoid,
  softplus,
  sub,
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

/** The losses of a training graph: `total` and one for each head, all scalars. */
export interface Losses {
  readonly total: Value;
  readonly heads: ReadonlyMap<HeadName, Value>;
}

/** Name of the input that holds a head's targets, `[batch,size]`. */
export const targetName = (head: HeadName): string => `target.${head}`;

/** Name of the input that holds the weight of each row, `[batch]`; 0 where a row has no such label. */
export const rowWeightName = (head: HeadName): string => `weight.${head}`;

/** Name of the input that holds a teacher's probabilities, `[batch,size]`, softened where the head has a temperature. */
export const softTargetName = (head: HeadName): string => `soft.${head}`;

/** Name of the input that holds the weight of each row's teacher, `[batch]`; 0 where it was not asked. */
export const softRowWeightName = (head: HeadName): string => `soft.weight.${head}`;

/**
 * Adds targets, row weights and losses for `heads` to the graph: total = Σ heads lossWeight · Σ rows weight · loss.
 * With a teacher, a row's loss is that of its label and that of the teacher, each by a weight of its own.
 * Row weights carry the division by the batch, so that a batch may be run in parts whose gradients add up.
 */
export function buildLosses(
  graph: Graph,
  logits: Readonly<Record<HeadName, Value>>,
  heads: readonly HeadName[],
  lossWeights: Readonly<Record<HeadName, number>>,
  distillation: { readonly temperature: number } | null = null,
  batch: Dim = "batch",
): Losses {
  const losses = new Map<HeadName, Value>();
  let total: Value | undefined;
  for (const head of heads) {
    const target = graph.input(targetName(head), "float32", [batch, headSizes[head]]);
    const weight = graph.input(rowWeightName(head), "float32", [batch]);
    let loss = reduceSum(mul(rules[headLosses[head]](logits[head], target), weight), [0]);
    if (distillation) {
      const soft = graph.input(softTargetName(head), "float32", [batch, headSizes[head]]);
      const softWeight = graph.input(softRowWeightName(head), "float32", [batch]);
      const followed = followTeacher(head, logits[head], soft, distillation.temperature);
      loss = add(loss, reduceSum(mul(followed, softWeight), [0]));
    }
    losses.set(head, loss);
    const part = mul(loss, lossWeights[head]);
    total = total ? add(total, part) : part;
  }
  return { total: total ?? graph.scalar(0), heads: losses };
}
