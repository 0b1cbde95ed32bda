/** @file An intervention run from its experiment to its last checkpoint, and a finished one taken up again. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../base/errors.js";
import { Random } from "../../base/random.js";
import { countParameters, initializeParameters } from "../../model/parameter.js";
import { countFeatures, countSummary } from "../../policy/features.js";
import type { InterventionManifest } from "../../policy/manifest.js";
import type { ValueNetworkSizes } from "../../policy/network.js";
import { hashExperiment, readExperimentJson } from "../experiment.js";
import type { RunOutcome } from "../loop.js";
import type { ParameterMemory } from "../memory.js";
import { readEvents } from "../record/event-log.js";
import { openFolder, runFiles } from "../record/run-folder.js";
import { type RunOptions, runSitting } from "../sitting.js";
import { allocateRun, type BestWeights, loadBestWeights, locateRunExperiment } from "../weights.js";
import { type InterventionExperiment, parseInterventionExperiment } from "./experiment.js";
import { listTrainedParameters } from "./network.js";
import { gatherOutcomes, type Outcomes } from "./outcomes.js";
import { measureScales } from "./table.js";
import { InterventionTask } from "./task.js";

/** What is kept of the data a run learned from. */
export interface OutcomeRecord
  extends Pick<InterventionManifest["training"], "source" | "rows" | "learners"> {
  readonly name: string;
  readonly readinessModel: InterventionManifest["readinessModel"];
  readonly state: number;
}

/** An intervention run with the weights it is judged by. */
export interface TrainedInterventionRun extends BestWeights {
  readonly experiment: InterventionExperiment;
  readonly sizes: ValueNetworkSizes;
  readonly record: OutcomeRecord;
  /** Figures of the evaluation that chose the weights. */
  readonly figures: Readonly<Record<string, number>>;
}

function describeOutcomes({ train, validation, source, readinessModel, state }: Outcomes): OutcomeRecord {
  return {
    name: source === "simulated" ? "simulated learners" : "logged outcomes",
    source,
    rows: { train: train.rows, validation: validation.rows },
    learners: { train: train.learners, validation: validation.learners },
    readinessModel,
    state,
  };
}

/** Memory for a run, filled with the first weights its seed draws. */
function allocate(experiment: InterventionExperiment, sizes: ValueNetworkSizes): ParameterMemory {
  const parameters = listTrainedParameters(sizes);
  const initial = initializeParameters(parameters, Random.seeded(experiment.seed, "initial"));
  return allocateRun(experiment, { parameters, initial });
}

/**
 * Trains a value network in a folder and returns how it ended.
 * @throws DATA_NOT_FOUND, DATA_INVALID, MODEL_NOT_FOUND, CONFIG_INVALID, TRAINING_DIVERGED, DISK_FULL,
 *   CHECKPOINT_NOT_FOUND, CHECKPOINT_MISMATCH, PROVIDER_UNAVAILABLE
 */
export async function runIntervention(
  experiment: InterventionExperiment,
  folder: string,
  options: RunOptions,
): Promise<RunOutcome> {
  const { device, threads, cost, batchSize, seed } = experiment;
  const outcomes = await gatherOutcomes(experiment);
  const { train, validation, state } = outcomes;
  const sizes = { ...experiment.network, features: countFeatures(state), summary: countSummary };
  openFolder(folder, experiment, options.resume, [describeOutcomes(outcomes)]);
  const memory = allocate(experiment, sizes);
  for (const [name, data] of measureScales(train)) memory.weights(name).set(data);
  const session = { device, threads };
  return runSitting({
    experiment,
    experimentHash: hashExperiment(experiment),
    folder,
    task: await InterventionTask.open({ sizes, memory, train, validation, cost, batchSize, seed, session }),
    memory,
    options,
    facts: {
      parameters: countParameters(listTrainedParameters(sizes)),
      trainRows: train.rows,
      validationRows: validation.rows,
      learners: outcomes.source,
      readinessModel: `${outcomes.readinessModel.name} ${outcomes.readinessModel.version}`,
    },
    warnings: (found) => found?.damaged.map(({ reason }) => `${reason} (which is done: ${found.path})`) ?? [],
  });
}

/**
 * Takes a finished run up again: its best weights and what it says of its data; the data themselves are not needed.
 * @throws CONFIG_INVALID, CHECKPOINT_NOT_FOUND, CHECKPOINT_CORRUPT, CHECKPOINT_MISMATCH
 */
export function loadInterventionRun(folder: string): TrainedInterventionRun {
  const path = locateRunExperiment(folder);
  const experiment = parseInterventionExperiment(readExperimentJson(path), path);
  const record = readRecord(folder);
  const sizes = { ...experiment.network, features: countFeatures(record.state), summary: countSummary };
  const best = loadBestWeights(folder, allocate(experiment, sizes), listTrainedParameters(sizes));
  const { events } = readEvents(folder);
  const chosen = events.findLast((event) => event.type === "evaluation" && event.step === best.state.step);
  return { experiment, sizes, record, ...best, figures: chosen?.type === "evaluation" ? chosen.figures : {} };
}

function readRecord(folder: string): OutcomeRecord {
  const path = join(folder, runFiles.corpora);
  try {
    const [record] = JSON.parse(readFileSync(path, "utf8")) as OutcomeRecord[];
    if (record !== undefined) return record;
  } catch (cause) {
    throw new AppError(
      "CHECKPOINT_CORRUPT",
      `${path}: expected what the run learned from, got something else; train again`,
      { cause },
    );
  }
  throw new AppError(
    "CHECKPOINT_CORRUPT",
    `${path}: expected what the run learned from, got none; train again`,
  );
}
