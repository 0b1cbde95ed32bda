/** @file A run from its experiment to its last checkpoint: everything is brought together here and the loop started. */
import { AppError, toAppError } from "../base/errors.js";
import { countParameters } from "../model/parameter.js";
import { allocateRun, type Base, loadBase } from "./base.js";
import type { FoundCheckpoint } from "./checkpoint-folder.js";
import { type Dataset, loadDataset, tokenizeAll } from "./dataset.js";
import { EventLog, type Undated } from "./event-log.js";
import type { Experiment } from "./experiment.js";
import { Feed } from "./feed.js";
import { Loop, type RunOutcome } from "./loop.js";
import type { ParameterMemory } from "./memory.js";
import { priorBias } from "./prior.js";
import { requireTrainable } from "./requirements.js";
import { openFolder, runFiles } from "./run-folder.js";
import { SoftLabels } from "./soft-labels.js";
import { Trainer } from "./step.js";
import { loadRun } from "./trained-run.js";
import { Validator } from "./validation.js";

/** How a run speaks to whoever started it. */
export interface RunOptions {
  /** Go on from the newest checkpoint of the folder instead of beginning. */
  readonly resume: boolean;
  /** Told of everything that happens. */
  readonly emit: (event: Undated) => void;
  /** Asked between steps: a checkpoint is written and the run ends. */
  readonly stopped: () => boolean;
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
function listWarnings(
  { corpora, train }: Dataset,
  { targets }: Feed,
  found: FoundCheckpoint | undefined,
): string[] {
  const unread = corpora.flatMap(({ name, badRows: [first, ...others] }) =>
    first
      ? `${name}: ${others.length === 0 ? "1 row" : `${others.length + 1} rows`} could not be read, first ${first.file}:${first.line}: ${first.reason}; all are in ${runFiles.corpora}`
      : [],
  );
  const { distillation } = targets;
  const unasked = distillation ? train.filter((row) => !distillation.find(row)).length : 0;
  const untaught =
    unasked > 0
      ? [
          `the teacher was not asked about ${unasked} of ${train.length} training texts; they follow their labels alone (\`attune label\` asks it)`,
        ]
      : [];
  const damaged = found?.damaged.map(({ reason }) => `${reason} (which is done: ${found.path})`) ?? [];
  return [...unread, ...untaught, ...damaged];
}

/**
 * First weights beyond the base's own: those of the run it goes on from, or the heads' biases from the labels.
 * @throws WEIGHTS_MISMATCH when that run has other parameters; as `loadRun`
 */
async function setFirstWeights(
  memory: ParameterMemory,
  { start, heads }: Experiment,
  dataset: Dataset,
  feed: Feed,
): Promise<void> {
  if (start !== undefined) {
    const { weights } = await loadRun(start);
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
    return;
  }
  for (const head of heads) {
    const bias = priorBias(head, dataset, feed.targets);
    if (bias) memory.weights(`head.${head}.bias`).set(bias);
  }
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
  const { heads, lossWeights, dropout, distillation, device, threads, maxTokens } = experiment;
  const teacher = distillation ? await SoftLabels.read(distillation.labels) : undefined;
  const dataset = await loadDataset(experiment);
  requireTrainable(experiment, dataset);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  openFolder(folder, experiment, options.resume, dataset.corpora);
  const feed = new Feed(experiment, dataset, base.tokenizer, teacher);
  const memory = allocateRun(experiment, base);
  await setFirstWeights(memory, experiment, dataset, feed);
  const { config, parameters } = base;
  const network = { config, parameters, heads, lossWeights, distillation, dropout };
  const trainer = await Trainer.open(network, memory, { device, threads });
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
    for (const message of listWarnings(dataset, feed, found))
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
