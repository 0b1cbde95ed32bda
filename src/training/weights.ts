/** @file The weights of a run: where they live while it trains, and the best of them when it is done. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../base/errors.js";
import { type CheckpointState, loadCheckpoint } from "./checkpoint/checkpoint.js";
import { findCheckpoint, listCheckpoints } from "./checkpoint/checkpoint-folder.js";
import type { Experiment } from "./experiment.js";
import { ParameterMemory } from "./memory.js";
import { runFiles } from "./record/run-folder.js";
import type { TrainedParameter } from "./trained-parameter.js";

/** The parameters of a run, with their first values by name. */
export interface FirstWeights {
  readonly parameters: readonly TrainedParameter[];
  readonly initial: ReadonlyMap<string, Float32Array>;
}

/** Memory for the parameters of a run, filled with their first weights. @throws OUT_OF_MEMORY */
export function allocateRun(
  experiment: Pick<Experiment, "ema" | "accumulate">,
  { parameters, initial }: FirstWeights,
): ParameterMemory {
  const memory = new ParameterMemory(parameters, {
    ema: experiment.ema !== null,
    accumulate: experiment.accumulate > 1,
  });
  for (const [name, data] of initial) memory.weights(name).set(data);
  return memory;
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
