/** @file A finished run taken up again: its experiment, data and base with the weights it is judged by. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import { allocateRun, type Base, loadBase } from "./base.js";
import { type CheckpointState, loadCheckpoint } from "./checkpoint.js";
import { findCheckpoint, listCheckpoints } from "./checkpoint-folder.js";
import { type Dataset, loadDataset } from "./dataset.js";
import { type Experiment, readExperiment } from "./experiment.js";
import type { ParameterMemory } from "./memory.js";
import { runFiles } from "./run-folder.js";

/** A run with the weights it is judged by. */
export interface TrainedRun {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly base: Base;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly state: CheckpointState;
}

/** The experiment's file of a run's folder. @throws CHECKPOINT_NOT_FOUND where the folder is no run's */
export function locateRunExperiment(folder: string): string {
  const path = join(folder, runFiles.experiment);
  if (existsSync(path)) return path;
  throw new AppError(
    "CHECKPOINT_NOT_FOUND",
    `${folder}: expected the folder of a run, with ${runFiles.experiment}, found none; name one that \`attune train\` wrote, e.g. runs/small`,
  );
}

/** Weights by name, and the state of the checkpoint they are from. */
export interface BestWeights {
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly state: CheckpointState;
}

/**
 * Fills a memory with a run's best weights and gives them, the moving average where it has one.
 * @param parameters names in the order of the result
 * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, CHECKPOINT_MISMATCH
 */
export function loadBestWeights(
  folder: string,
  memory: ParameterMemory,
  parameters: readonly { readonly name: string }[],
): BestWeights {
  const checkpoints = listCheckpoints(folder);
  const last = loadCheckpoint(findCheckpoint(folder).path, memory, { weightsOnly: true });
  const [best] = last.best.flatMap(
    (ranked) => checkpoints.find(({ kind, step }) => kind === "best" && step === ranked.step) ?? [],
  );
  const state = best ? loadCheckpoint(best.path, memory, { weightsOnly: true }) : last;
  const weights = new Map(
    parameters.map(({ name }) => [name, memory.has("average") ? memory.average(name) : memory.weights(name)]),
  );
  return { weights, state: { ...state, seconds: last.seconds } };
}

/**
 * Loads a run's best weights (the moving average where it has one).
 * @throws CONFIG_INVALID, CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, CHECKPOINT_MISMATCH
 */
export async function loadRun(folder: string): Promise<TrainedRun> {
  const experiment = readExperiment(locateRunExperiment(folder));
  const dataset = await loadDataset(experiment);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  return {
    experiment,
    dataset,
    base,
    ...loadBestWeights(folder, allocateRun(experiment, base), base.parameters),
  };
}
