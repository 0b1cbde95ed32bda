/** @file Biases of the heads set to what the training labels say on average, so that the first steps need not learn it. */
import { type HeadName, headSizes } from "../../base/head.js";
import type { Dataset } from "./dataset.js";
import { headLosses } from "./loss.js";
import { type TargetOptions, writeTarget } from "./target.js";

/** Share kept away from 0 and 1, where logits have no end. */
const margin = 1e-3;

/**
 * First bias of a head, `[size]`: the logit of the mean target for sigmoid heads, its logarithm for softmax heads;
 * `undefined` where no training row has such a label.
 * @source Lin et al., "Focal Loss for Dense Object Detection", 2017, section 3.3 (prior as first bias).
 */
export function priorBias(
  head: HeadName,
  { train, weights }: Dataset,
  options: TargetOptions,
): Float32Array | undefined {
  const size = headSizes[head];
  const sums = new Float64Array(size);
  const target = new Float32Array(size);
  let total = 0;
  train.forEach((example, row) => {
    target.fill(0);
    if (!writeTarget(head, example, options, target, 0)) return;
    const weight = weights[row] as number;
    total += weight;
    for (let i = 0; i < size; i++) sums[i] = (sums[i] as number) + weight * (target[i] as number);
  });
  if (total === 0) return undefined;
  return Float32Array.from(sums, (sum) => {
    const mean = Math.min(1 - margin, Math.max(margin, sum / total));
    return headLosses[head] === "softmax" ? Math.log(mean) : Math.log(mean / (1 - mean));
  });
}
