/** @file A text model's run from its experiment to its last checkpoint: everything is brought together here and the loop started. */

import { AppError } from "../../base/errors.js";
import { countParameters } from "../../model/parameter.js";
import type { FoundCheckpoint } from "../checkpoint/checkpoint-folder.js";
import { SoftLabels } from "../distillation/soft-labels.js";
import { type Experiment, hashExperiment } from "../experiment.js";
import type { RunOutcome } from "../loop.js";
import { openFolder, runFiles } from "../record/run-folder.js";
import { type RunOptions, runSitting } from "../sitting.js";
import { allocateRun } from "../weights.js";
import { type Base, loadBase } from "./base.js";
import { type Dataset, loadDataset, tokenizeAll } from "./dataset.js";
import { Feed } from "./feed.js";
import { requireTrainable } from "./requirements.js";
import { setFirstWeights } from "./start.js";
import { Trainer } from "./step.js";
import { TextTask } from "./task.js";
import { Validator } from "./validation.js";

/** What the log's first line says of a text model's run. */
function listFacts({ config, parameters }: Base, { train, validation }: Dataset): Record<string, number> {
  return {
    parameters: countParameters(parameters),
    layers: config.layers,
    hidden: config.hidden,
    trainRows: train.length,
    validationRows: validation.length,
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

async function readTeacher({
  labels,
  similarity,
}: NonNullable<Experiment["distillation"]>): Promise<SoftLabels> {
  const teacher = await SoftLabels.read(labels);
  if (similarity === 0 || teacher.hasVectors) return teacher;
  throw new AppError(
    "CONFIG_INVALID",
    `distillation.similarity: expected soft labels that say how alike texts are, got ${labels} with logits alone; write them anew with \`attune label\`, or leave similarity out`,
  );
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
  const teacher = distillation ? await readTeacher(distillation) : undefined;
  const dataset = await loadDataset(experiment);
  requireTrainable(experiment, dataset);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  openFolder(folder, experiment, options.resume, dataset.corpora);
  const feed = new Feed(experiment, dataset, base.tokenizer, teacher);
  const memory = allocateRun(experiment, base);
  await setFirstWeights(memory, experiment, base, dataset, feed);
  const { config, parameters } = base;
  const network = { config, parameters, heads, lossWeights, distillation, dropout };
  const trainer = await Trainer.open(network, memory, { device, threads });
  const validator = await Validator.open(base, memory, { device, threads });
  const validationIds = tokenizeAll(dataset.validation, base.tokenizer, maxTokens);
  return runSitting({
    experiment,
    experimentHash: hashExperiment(experiment),
    folder,
    task: new TextTask({ dataset, feed, trainer, validator, validationIds }),
    memory,
    options,
    facts: listFacts(base, dataset),
    warnings: (found) => listWarnings(dataset, feed, found),
  });
}
