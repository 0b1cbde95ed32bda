/** @file What a run's weights are at its first step: those of runs or models it goes on from, or the base's own. */
import { AppError } from "../../base/errors.js";
import { headLabels } from "../../emotion/labels.js";
import { readModelDirectory } from "../../model/directory.js";
import { positionTable } from "../../model/position-table.js";
import { readStoredWeights } from "../../model/stored-weights.js";
import type { Experiment } from "../experiment.js";
import type { ParameterMemory } from "../memory.js";
import { averageWeights, type NamedWeights } from "./average.js";
import type { Base } from "./base.js";
import type { Dataset } from "./dataset.js";
import type { Feed } from "./feed.js";
import { priorBias } from "./prior.js";
import { locateSource } from "./source.js";
import { loadRun } from "./trained-run.js";

/**
 * Sets the first weights beyond the base's own: the average of what `start` names, or the heads' biases from the labels.
 * @throws CHECKPOINT_NOT_FOUND where `start` names neither a run nor a model
 * @throws CONFIG_INVALID when a model reads text otherwise than the experiment
 * @throws WEIGHTS_MISMATCH when a run or model has other parameters
 * @throws as `loadRun`, `readModelDirectory`
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
  const all: [NamedWeights, ...NamedWeights[]] = [await loadStart(first, base)];
  for (const folder of others) all.push(await loadStart(folder, base));
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

async function loadStart(nameOrFolder: string, base: Base): Promise<NamedWeights> {
  const { kind, folder } = locateSource(nameOrFolder, "start");
  const weights = kind === "run" ? (await loadRun(folder)).weights : await loadModelWeights(folder, base);
  return { name: nameOrFolder, weights };
}

/** Weights of a model folder; positions its windows do not reach are the base's own. */
async function loadModelWeights(folder: string, base: Base): Promise<ReadonlyMap<string, Float32Array>> {
  const { modelBytes, tokenizer } = await readModelDirectory(folder, headLabels);
  if (JSON.stringify(tokenizer) !== JSON.stringify(base.tokenizerFile)) {
    throw new AppError(
      "CONFIG_INVALID",
      `start ${folder}: expected a model that reads text as this experiment does, got another tokenizer; set base and emoji as that model was trained (attune-small: "minilm", "names")`,
    );
  }
  const stored = readStoredWeights(modelBytes, base.parameters, folder);
  const positions = Float32Array.from(base.initial.get(positionTable) ?? []);
  positions.set(stored.get(positionTable) ?? []);
  return stored.set(positionTable, positions);
}
