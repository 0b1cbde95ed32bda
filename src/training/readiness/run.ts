/** @file A readiness run from its experiment to its last checkpoint, and a finished one taken up again. */

import { Random } from "../../base/random.js";
import { countParameters, initializeParameters } from "../../model/parameter.js";
import type { ReadinessConfig } from "../../readiness/network.js";
import { hashExperiment, readExperimentJson } from "../experiment.js";
import type { RunOutcome } from "../loop.js";
import type { ParameterMemory } from "../memory.js";
import { openFolder } from "../record/run-folder.js";
import { type RunOptions, runSitting } from "../sitting.js";
import { allocateRun, type BestWeights, loadBestWeights, locateRunExperiment } from "../weights.js";
import { type Cohorts, simulateCohorts } from "./cohorts.js";
import { parseReadinessExperiment, type ReadinessExperiment } from "./experiment.js";
import { listTrainedParameters } from "./network.js";
import { ReadinessTask } from "./task.js";
import { Windows } from "./windows.js";

/** A readiness run with the weights it is judged by. */
export interface TrainedReadinessRun extends BestWeights {
  readonly experiment: ReadinessExperiment;
  readonly config: ReadinessConfig;
  readonly cohorts: Cohorts;
}

/** Memory for a run, filled with the first weights its seed draws. */
function allocate(experiment: ReadinessExperiment, config: ReadinessConfig): ParameterMemory {
  const parameters = listTrainedParameters(config);
  const initial = initializeParameters(parameters, Random.seeded(experiment.seed, "initial"));
  return allocateRun(experiment, { parameters, initial });
}

/** How a run comes by its learners. */
export type Simulate = (experiment: ReadinessExperiment) => Promise<Cohorts>;

/**
 * Trains a readiness network in a folder and returns how it ended.
 * @throws DATA_NOT_FOUND, MODEL_NOT_FOUND, CONFIG_INVALID, TRAINING_DIVERGED, DISK_FULL, CHECKPOINT_NOT_FOUND,
 *   CHECKPOINT_MISMATCH, PROVIDER_UNAVAILABLE
 */
export async function runReadiness(
  experiment: ReadinessExperiment,
  folder: string,
  options: RunOptions,
  simulate: Simulate = simulateCohorts,
): Promise<RunOutcome> {
  const { device, threads } = experiment;
  const cohorts = await simulate(experiment);
  const { population, hidden, utterances, textModel } = cohorts;
  const config = { ...experiment.network, hidden };
  const train = new Windows(cohorts.train, population, hidden);
  const validation = new Windows(cohorts.validation, population, hidden);
  const sources = [
    {
      name: "simulated learners",
      trainRows: train.size,
      validationRows: validation.size,
      textModel,
      utterances,
    },
  ];
  openFolder(folder, experiment, options.resume, sources);
  const memory = allocate(experiment, config);
  const session = { device, threads };
  return runSitting({
    experiment,
    experimentHash: hashExperiment(experiment),
    folder,
    task: await ReadinessTask.open({ experiment, config, memory, train, validation, session }),
    memory,
    options,
    facts: {
      parameters: countParameters(listTrainedParameters(config)),
      trainRows: train.size,
      validationRows: validation.size,
      learners: "simulated",
      textModel: `${textModel.name} ${textModel.version}`,
    },
    warnings: (found) => found?.damaged.map(({ reason }) => `${reason} (which is done: ${found.path})`) ?? [],
  });
}

/**
 * Takes a finished run up again: its cohorts simulated anew, its best weights loaded.
 * @throws CONFIG_INVALID, CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, CHECKPOINT_MISMATCH; as `simulateCohorts`
 */
export async function loadReadinessRun(
  folder: string,
  simulate: Simulate = simulateCohorts,
): Promise<TrainedReadinessRun> {
  const path = locateRunExperiment(folder);
  const experiment = parseReadinessExperiment(readExperimentJson(path), path);
  const cohorts = await simulate(experiment);
  const config = { ...experiment.network, hidden: cohorts.hidden };
  return {
    experiment,
    config,
    cohorts,
    ...loadBestWeights(folder, allocate(experiment, config), listTrainedParameters(config)),
  };
}
