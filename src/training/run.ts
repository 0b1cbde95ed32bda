/** @file The training loop: a script that reads downwards, from an experiment to the last checkpoint. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, toAppError } from "../base/errors.js";
import { Random } from "../base/random.js";
import { augment } from "../data/augmentation.js";
import type { Example } from "../data/example.js";
import { type Base, loadBase } from "./base.js";
import { type CheckpointState, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { findCheckpoint, listCheckpoints, pruneCheckpoints } from "./checkpoint-folder.js";
import {
  type CorpusRecord,
  type Dataset,
  layBatch,
  loadDataset,
  measureLabelShares,
  tokenizeAll,
} from "./dataset.js";
import { EventLog, type Undated } from "./event-log.js";
import { type Experiment, formatExperiment, hashExperiment, scheduleOf } from "./experiment.js";
import { ParameterMemory } from "./memory.js";
import { AdamW } from "./optimizer.js";
import { Plan, type Position } from "./plan.js";
import { priorBias } from "./prior.js";
import { learningRateFactor } from "./schedule.js";
import { type BatchLosses, Trainer } from "./step.js";
import { buildTargets, type TargetOptions } from "./target.js";
import { measureFigures, Validator } from "./validation.js";

/** Names of the files in a run's folder. */
export const runFiles = { experiment: "experiment.json", corpora: "corpora.json" } as const;

/** How the loop speaks to whoever started it. */
export interface RunOptions {
  /** Go on from the newest checkpoint of the folder instead of beginning. */
  readonly resume: boolean;
  /** Told of everything that happens. */
  readonly emit: (event: Undated) => void;
  /** Asked between steps: a checkpoint is written and the loop ends. */
  readonly stopped: () => boolean;
}

/** How a run ended. */
export interface RunOutcome {
  readonly reason: "finished" | "early-stopping" | "interrupted";
  readonly step: number;
  readonly totalSteps: number;
}

/** Everything a run has in hand. */
class Run {
  readonly #experiment: Experiment;
  readonly #folder: string;
  readonly #options: RunOptions;
  readonly #base: Base;
  readonly #dataset: Dataset;
  readonly #plan: Plan;
  readonly #memory: ParameterMemory;
  readonly #optimizer: AdamW;
  readonly #trainer: Trainer;
  readonly #validator: Validator;
  readonly #targets: TargetOptions;
  readonly #trainIds: readonly Int32Array[];
  readonly #validationIds: readonly Int32Array[];
  #random: Random;
  #position: Position = { step: 0, epoch: 0, batch: 0 };
  #best: { step: number; figure: number }[] = [];
  #evaluationsWithoutGain = 0;
  #bestWatched = Number.NEGATIVE_INFINITY;
  #secondsBefore = 0;
  readonly #started = performance.now();

  constructor(parts: {
    experiment: Experiment;
    folder: string;
    options: RunOptions;
    base: Base;
    dataset: Dataset;
    memory: ParameterMemory;
    trainer: Trainer;
    validator: Validator;
    trainIds: readonly Int32Array[];
  }) {
    const { experiment, dataset, base } = parts;
    this.#experiment = experiment;
    this.#folder = parts.folder;
    this.#options = parts.options;
    this.#base = base;
    this.#dataset = dataset;
    this.#memory = parts.memory;
    this.#trainer = parts.trainer;
    this.#validator = parts.validator;
    this.#trainIds = parts.trainIds;
    this.#validationIds = tokenizeAll(dataset.validation, base.tokenizer, experiment.maxTokens);
    const lengths = this.#trainIds.map((ids) => ids.length);
    this.#plan = new Plan(experiment, lengths, dataset.weights);
    const { weightDecay, clip, ema, heads, alsoShare, labelSmoothing } = experiment;
    this.#optimizer = new AdamW(this.#memory, { weightDecay, clip, emaDecay: ema?.decay ?? null });
    this.#targets = { heads, alsoShare, labelSmoothing, labelShares: measureLabelShares(dataset) };
    this.#random = Random.seeded(experiment.seed, "dropout");
    for (const head of heads) {
      const bias = priorBias(head, dataset, this.#targets);
      if (bias) this.#memory.weights(`head.${head}.bias`).set(bias);
    }
  }

  get totalSteps(): number {
    return this.#plan.totalSteps;
  }

  /** Takes up where the newest checkpoint stopped. @returns its step */
  restore(): number {
    const { path } = findCheckpoint(this.#folder);
    const state = loadCheckpoint(path, this.#memory, { experimentHash: hashExperiment(this.#experiment) });
    this.#optimizer.state = state.optimizer;
    this.#position = { step: state.step, epoch: state.epoch, batch: state.batch };
    const dropout = state.random.dropout;
    if (dropout) this.#random = Random.restore(dropout);
    this.#best = [...state.best];
    this.#bestWatched = state.bestWatched ?? Number.NEGATIVE_INFINITY;
    this.#evaluationsWithoutGain = state.evaluationsWithoutGain;
    this.#secondsBefore = state.seconds;
    return state.step;
  }

  /** What the log's first line says. */
  describe(): Undated {
    const { config, parameters } = this.#base;
    const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    return {
      type: "start",
      step: this.#position.step,
      totalSteps: this.#plan.totalSteps,
      stepsPerEpoch: this.#plan.stepsPerEpoch,
      experiment: { ...this.#experiment },
      facts: {
        parameters: count,
        layers: config.layers,
        hidden: config.hidden,
        trainRows: this.#dataset.train.length,
        validationRows: this.#dataset.validation.length,
        node: process.version,
      },
    };
  }

  async train(): Promise<RunOutcome> {
    const { evaluateEverySteps, checkpointEverySteps, earlyStopping } = this.#experiment;
    const { totalSteps } = this.#plan;
    const done = (reason: RunOutcome["reason"]): RunOutcome => ({
      reason,
      step: this.#position.step,
      totalSteps,
    });
    while (this.#position.step < totalSteps) {
      await this.#step();
      const { step } = this.#position;
      const last = step === totalSteps;
      if (last || step % evaluateEverySteps === 0) {
        if (!(await this.#evaluate())) return this.#interrupt(done);
      }
      if (earlyStopping && this.#evaluationsWithoutGain >= earlyStopping.patience) {
        await this.#checkpoint();
        return done("early-stopping");
      }
      if (this.#options.stopped()) return this.#interrupt(done);
      if (last || step % checkpointEverySteps === 0) await this.#checkpoint();
    }
    return done("finished");
  }

  async #interrupt(done: (reason: RunOutcome["reason"]) => RunOutcome): Promise<RunOutcome> {
    await this.#checkpoint();
    return done("interrupted");
  }

  /** One optimizer step: the planned rows, in parts if gradients are accumulated. */
  async #step(): Promise<void> {
    const { batchSize, accumulate, learningRate } = this.#experiment;
    const rows = [...this.#plan.rowsAt(this.#position)];
    const begun = performance.now();
    let tokens = 0;
    const losses: BatchLosses[] = [];
    for (let start = 0; start < rows.length; start += batchSize) {
      const part = rows.slice(start, start + batchSize);
      const laid = layBatch(
        part.map((row) => this.#idsOf(row)),
        this.#base.tokenizer.padId,
      );
      tokens += laid.batch * laid.tokens;
      const examples = part.map((row) => this.#dataset.train[row] as Example);
      const targets = buildTargets(examples, this.#targets, rows.length);
      losses.push(await this.#trainer.computeGradients({ ...laid, targets }, this.#random));
      if (accumulate > 1) this.#optimizer.accumulate();
    }
    const factor = learningRateFactor(
      scheduleOf(this.#experiment),
      this.#position.step,
      this.#plan.totalSteps,
    );
    const rates = { encoder: learningRate.encoder * factor, heads: learningRate.heads * factor };
    // Row weights already hold the division by the rows of the step, so the parts are added, not averaged.
    const { gradientNorm } = this.#optimizer.step({
      encoderLearningRate: rates.encoder,
      headLearningRate: rates.heads,
      gradientScale: 1,
    });
    const seconds = (performance.now() - begun) / 1000;
    const epoch = this.#plan.progress(this.#position);
    this.#position = this.#plan.next(this.#position);
    this.#options.emit({
      type: "step",
      step: this.#position.step,
      epoch,
      loss: losses.reduce((sum, { total }) => sum + total, 0),
      losses: sumHeads(losses),
      learningRate: rates,
      gradientNorm,
      examplesPerSecond: rows.length / seconds,
      tokensPerSecond: tokens / seconds,
    });
  }

  /** Token ids of a training row; now and then of a version of its text with slips of the pen. */
  #idsOf(row: number): Int32Array {
    const { augmentation, seed, maxTokens } = this.#experiment;
    const ids = this.#trainIds[row] as Int32Array;
    if (augmentation.share === 0) return ids;
    const random = Random.seeded(seed, `augmentation:${this.#position.step}:${row}`);
    if (random.float() >= augmentation.share) return ids;
    const { text } = this.#dataset.train[row] as Example;
    return this.#base.tokenizer.encode(augment(text, random, augmentation.strength), maxTokens).ids;
  }

  /** Measures the held-out rows and keeps the weights if they are among the best. @returns false when stopped meanwhile */
  async #evaluate(): Promise<boolean> {
    const logits = await this.#validator.computeLogits(this.#validationIds, () => !this.#options.stopped());
    if (!logits) return false;
    const figures = measureFigures(this.#dataset.validation, logits);
    const { selectBy, earlyStopping, keepBest } = this.#experiment;
    const { step } = this.#position;
    const figure = requireFigure(figures, selectBy);
    const ranked = [...this.#best, { step, figure }].sort((a, b) => b.figure - a.figure).slice(0, keepBest);
    const isBest = ranked[0]?.step === step;
    if (ranked.some((one) => one.step === step))
      await saveCheckpoint(this.#folder, this.#memory, this.#state(), "best");
    this.#best = ranked;
    if (earlyStopping) {
      const watched = requireFigure(figures, earlyStopping.figure);
      if (watched > this.#bestWatched) {
        this.#bestWatched = watched;
        this.#evaluationsWithoutGain = 0;
      } else this.#evaluationsWithoutGain++;
    }
    this.#options.emit({ type: "evaluation", step, figures, best: isBest });
    return true;
  }

  async #checkpoint(): Promise<void> {
    const begun = performance.now();
    const path = await saveCheckpoint(this.#folder, this.#memory, this.#state());
    pruneCheckpoints(this.#folder, { bestSteps: this.#best.map(({ step }) => step) });
    this.#options.emit({
      type: "checkpoint",
      step: this.#position.step,
      path,
      milliseconds: performance.now() - begun,
    });
  }

  #state(): CheckpointState {
    return {
      ...this.#position,
      totalSteps: this.#plan.totalSteps,
      optimizer: this.#optimizer.state,
      random: { dropout: [...this.#random.state] },
      best: this.#best,
      bestWatched: Number.isFinite(this.#bestWatched) ? this.#bestWatched : null,
      evaluationsWithoutGain: this.#evaluationsWithoutGain,
      experimentHash: hashExperiment(this.#experiment),
      seconds: this.seconds,
    };
  }

  /** Seconds of training over all sittings. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  async close(): Promise<void> {
    await this.#trainer.close();
    await this.#validator.close();
  }
}

function sumHeads(losses: readonly BatchLosses[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { heads } of losses) {
    for (const [head, loss] of Object.entries(heads)) sums[head] = (sums[head] ?? 0) + loss;
  }
  return sums;
}

function requireFigure(figures: Readonly<Record<string, number>>, name: string): number {
  const figure = figures[name];
  if (figure === undefined) {
    throw new AppError(
      "CONFIG_INVALID",
      `experiment: expected a validation figure (${Object.keys(figures).join(", ")}), got ${name}; correct selectBy or earlyStopping.figure`,
    );
  }
  return figure;
}

/** Memory for a base, filled with its first weights. */
export function allocateRun(experiment: Experiment, base: Base): ParameterMemory {
  const memory = new ParameterMemory(base.parameters, {
    ema: experiment.ema !== null,
    accumulate: experiment.accumulate > 1,
  });
  for (const [name, data] of base.initial) memory.weights(name).set(data);
  return memory;
}

/** Prepares the folder: a new run must not overwrite another. @throws CHECKPOINT_MISMATCH, FILE_SYSTEM */
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
  const dataset = await loadDataset(experiment);
  const base = await loadBase(experiment, () => dataset.train.map(({ text }) => text));
  openFolder(folder, experiment, options.resume, dataset.corpora);
  const memory = allocateRun(experiment, base);
  const session = { device: experiment.device, threads: experiment.threads };
  const { heads, lossWeights, dropout } = experiment;
  const trainer = await Trainer.open(
    { config: base.config, parameters: base.parameters, heads, lossWeights, dropout },
    memory,
    session,
  );
  const validator = await Validator.open(base, memory, session);
  const trainIds = tokenizeAll(dataset.train, base.tokenizer, experiment.maxTokens);
  const events: { log?: EventLog } = {};
  const emit = (event: Undated): void => {
    events.log?.append(event);
    options.emit(event);
  };
  const run = new Run({
    experiment,
    folder,
    options: { ...options, emit },
    base,
    dataset,
    memory,
    trainer,
    validator,
    trainIds,
  });
  try {
    const step = options.resume ? run.restore() : 0;
    events.log = new EventLog(folder, step);
    emit(run.describe());
    const outcome = await run.train();
    emit({ type: "end", step: outcome.step, reason: outcome.reason, seconds: run.seconds });
    return outcome;
  } finally {
    events.log?.close();
    await run.close();
  }
}
