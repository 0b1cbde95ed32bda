/** @file What a run's weights are at its first step: those of runs or models it goes on from, or the base's own. */
import { AppError } from "../../base/errors.js";
import type { Experiment } from "../experiment.js";
import type { ParameterMemory } from "../memory.js";
import { averageWeights, type WeightSource } from "./average.js";
import type { Base } from "./base.js";
import type { Dataset } from "./dataset.js";
import type { Feed } from "./feed.js";
import { priorBias } from "./prior.js";
import { loadSource } from "./source.js";

/**
 * Sets the first weights beyond the base's own: the average of what `start` names, or the heads' biases from the labels.
 * @throws WEIGHTS_MISMATCH when a run or model has other parameters; as `loadSource`
 */
export async function setFirstWeights(
  memory: ParameterMemory,
  { start, heads }: Pick<Experiment, "start" | "heads">,
  base: Base,
  dataset: Dataset,
  feed: Feed,
): Promise<void> {
  if (start === undefined) {
    for (const head of heads) {
      const bias = priorBias(head, dataset, feed.targets);
      if (bias) memory.weights(`head.${head}.bias`).set(bias);
    }
    return;
  }
  const [first, ...others] = typeof start === "string" ? [start] : start;
  const all: [WeightSource, ...WeightSource[]] = [await loadSource(first, base, "start")];
  for (const folder of others) all.push(await loadSource(folder, base, "start"));
  const weights = averageWeights(all);
  for (const { name } of memory.specs) {
    const own = memory.weights(name);
    const found = weights.get(name);
    if (found?.length !== own.length) {
      throw new AppError(
        "WEIGHTS_MISMATCH",
        `start ${start}: expected ${own.length} numbers of ${name}, got ${found?.length ?? "none"}; start from a run of the same base`,
      );
    }
    own.set(found);
  }
}
