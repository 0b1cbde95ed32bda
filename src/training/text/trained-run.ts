/** @file A finished run taken up again: its experiment, data and base with the weights it is judged by. */
import type { CheckpointState } from "../checkpoint/checkpoint.js";
import { type Experiment, readExperiment } from "../experiment.js";
import { allocateRun, loadBestWeights, locateRunExperiment } from "../weights.js";
import { type Base, loadBase } from "./base.js";
import { type Dataset, loadDataset } from "./dataset.js";

/** A run with the weights it is judged by. */
export interface TrainedRun {
  readonly experiment: Experiment;
  readonly dataset: Dataset;
  readonly base: Base;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly state: CheckpointState;
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
