/** @file A finished run taken up again: its experiment, data and base with the weights it is judged by. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import { allocateRun, type Base, loadBase } from "./base.js";
import { type CheckpointState, loadCheckpoint } from "./checkpoint.js";
import { findCheckpoint, listCheckpoints } from "./checkpoint-folder.js";
import { type Dataset, loadDataset } from "./dataset.js";
import { type Experiment, readExperiment } from "./experiment.js";
import { runFiles } from "./run-folder.js";

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
  const path = join(folder, runFiles.experiment);
  if (!existsSync(path)) {
    throw new AppError(
      "CHECKPOINT_NOT_FOUND",
      `${folder}: expected the folder of a run, with ${runFiles.experiment}, found none; name one that \`attune train\` wrote, e.g. runs/small`,
    );
  }
  const experiment = readExperiment(path);
  const dataset = await loadDataset(experiment);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  const memory = allocateRun(experiment, base);
  const checkpoints = listCheckpoints(folder);
  const last = loadCheckpoint(findCheckpoint(folder).path, memory, { weightsOnly: true });
  const [best] = last.best.flatMap(
    (ranked) => checkpoints.find(({ kind, step }) => kind === "best" && step === ranked.step) ?? [],
  );
  const state = best ? loadCheckpoint(best.path, memory, { weightsOnly: true }) : last;
  const weights = new Map(
    base.parameters.map(({ name }) => [
      name,
      memory.has("average") ? memory.average(name) : memory.weights(name),
    ]),
  );
  return { experiment, dataset, base, weights, state: { ...state, seconds: last.seconds } };
}
