/** @file A run from its experiment to its last checkpoint: everything is brought together here and the loop started. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { countParameters } from "../model/parameter.js";
import { type Base, loadBase } from "./base.js";
import { type FoundCheckpoint, listCheckpoints } from "./checkpoint-folder.js";
import { type CorpusRecord, type Dataset, loadDataset, tokenizeAll } from "./dataset.js";
import { EventLog, type Undated } from "./event-log.js";
import { type Experiment, formatExperiment } from "./experiment.js";
import { Feed } from "./feed.js";
import { Loop, type RunOutcome } from "./loop.js";
import { ParameterMemory } from "./memory.js";
import { priorBias } from "./prior.js";
import { requireTrainable } from "./requirements.js";
import { Trainer } from "./step.js";
import { Validator } from "./validation.js";

/** Names of the files in a run's folder. */
export const runFiles = { experiment: "experiment.json", corpora: "corpora.json" } as const;

/** How a run speaks to whoever started it. */
export interface RunOptions {
  /** Go on from the newest checkpoint of the folder instead of beginning. */
  readonly resume: boolean;
  /** Told of everything that happens. */
  readonly emit: (event: Undated) => void;
  /** Asked between steps: a checkpoint is written and the run ends. */
  readonly stopped: () => boolean;
}

/** Memory for a base, filled with its first weights. @throws OUT_OF_MEMORY */
export function allocateRun(experiment: Experiment, base: Base): ParameterMemory {
  const memory = new ParameterMemory(base.parameters, {
    ema: experiment.ema !== null,
    accumulate: experiment.accumulate > 1,
  });
  for (const [name, data] of base.initial) memory.weights(name).set(data);
  return memory;
}

/** Prepares the folder: a new run must not overwrite another. @throws CHECKPOINT_MISMATCH, FILE_SYSTEM, DISK_FULL */
function openFolder(
  folder: string,
  experiment: Experiment,
  resume: boolean,
  corpora: readonly CorpusRecord[],
): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (!resume && listCheckpoints(folder).length > 0) {
      throw new AppError(
        "CHECKPOINT_MISMATCH",
        `${folder}: expected an empty folder for a new run, found checkpoints; add --resume to go on, or choose another --run`,
      );
    }
    if (!resume) writeFileSync(join(folder, runFiles.experiment), formatExperiment(experiment));
    writeFileSync(join(folder, runFiles.corpora), `${JSON.stringify(corpora, null, 2)}\n`);
  } catch (error) {
    throw toAppError(error, `preparing ${folder}`, "FILE_SYSTEM");
  }
}

/** What the log's first line says. */
function describeStart(experiment: Experiment, base: Base, dataset: Dataset, loop: Loop): Undated {
  const { config, parameters } = base;
  return {
    type: "start",
    step: loop.step,
    totalSteps: loop.plan.totalSteps,
    stepsPerEpoch: loop.plan.stepsPerEpoch,
    experiment: { ...experiment },
    facts: {
      parameters: countParameters(parameters),
      layers: config.layers,
      hidden: config.hidden,
      trainRows: dataset.train.length,
      validationRows: dataset.validation.length,
      node: process.version,
    },
  };
}

/** What was not as it should be and yet does not keep the run from going on. */
function listWarnings(corpora: readonly CorpusRecord[], found: FoundCheckpoint | undefined): string[] {
  const unread = corpora.flatMap(({ name, badRows: [first, ...others] }) =>
    first
      ? `${name}: ${others.length === 0 ? "1 row" : `${others.length + 1} rows`} could not be read, first ${first.file}:${first.line}: ${first.reason}; all are in ${runFiles.corpora}`
      : [],
  );
  const damaged = found?.damaged.map(({ reason }) => `${reason} (which is done: ${found.path})`) ?? [];
  return [...unread, ...damaged];
}

/**
 * Trains an experiment in a folder and returns how it ended. Blocks its thread for most of the time.
 * @throws DATA_NOT_FOUND, MODEL_NOT_FOUND, CONFIG_INVALID, TRAINING_DIVERGED, DISK_FULL, CHECKPOINT_NOT_FOUND,
 *   CHECKPOINT_MISMATCH, OUT_OF_MEMORY, PROVIDER_UNAVAILABLE
 */
export async function runExperiment(
  experiment: Experiment,
  folder: string,
  options: RunOptions,
): Promise<RunOutcome> {
  const { heads, lossWeights, dropout, device, threads, maxTokens } = experiment;
  const dataset = await loadDataset(experiment);
  requireTrainable(experiment, dataset);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  openFolder(folder, experiment, options.resume, dataset.corpora);
  const feed = new Feed(experiment, dataset, base.tokenizer);
  const memory = allocateRun(experiment, base);
  for (const head of heads) {
    const bias = priorBias(head, dataset, feed.targets);
    if (bias) memory.weights(`head.${head}.bias`).set(bias);
  }
  const { config, parameters } = base;
  const trainer = await Trainer.open({ config, parameters, heads, lossWeights, dropout }, memory, {
    device,
    threads,
  });
  const validator = await Validator.open(base, memory, { device, threads });
  const validationIds = tokenizeAll(dataset.validation, base.tokenizer, maxTokens);
  let log: EventLog | undefined;
  const emit = (event: Undated): void => {
    log?.append(event);
    options.emit(event);
  };
  const { stopped } = options;
  const loop = new Loop({
    experiment,
    folder,
    dataset,
    feed,
    memory,
    trainer,
    validator,
    validationIds,
    emit,
    stopped,
  });
  try {
    const found = options.resume ? loop.restore() : undefined;
    log = new EventLog(folder, loop.step);
    emit(describeStart(experiment, base, dataset, loop));
    for (const message of listWarnings(dataset.corpora, found))
      emit({ type: "warning", step: loop.step, message });
    const outcome = await loop.run();
    emit({ type: "end", step: outcome.step, reason: outcome.reason, seconds: loop.seconds });
    return outcome;
  } catch (error) {
    const { code, message } = toAppError(error, "training");
    try {
      log?.append({ type: "error", step: loop.step, code, message });
    } catch {
      // The log may be what failed; the first failure is the one to tell.
    }
    throw error;
  } finally {
    log?.close();
    await trainer.close();
    await validator.close();
  }
}
