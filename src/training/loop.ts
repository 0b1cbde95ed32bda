/** @file The training loop: steps, evaluations and checkpoints in the order in which they happen. */
import { Random } from "../base/random.js";
import { type CheckpointState, loadCheckpoint, saveCheckpoint } from "./checkpoint/checkpoint.js";
import { type FoundCheckpoint, findCheckpoint, pruneCheckpoints } from "./checkpoint/checkpoint-folder.js";
import { scheduleOf } from "./experiment.js";
import type { ParameterMemory } from "./memory.js";
import { AdamW } from "./optimizer.js";
import { Plan, type Position } from "./plan.js";
import { Ranking } from "./ranking.js";
import type { Undated } from "./record/event-log.js";
import { learningRateFactor } from "./schedule.js";
import type { LoopSettings, PartLosses, Task } from "./task.js";

/** How a run ended. */
export interface RunOutcome {
  readonly reason: "finished" | "early-stopping" | "interrupted";
  readonly step: number;
  readonly totalSteps: number;
}

/** What the loop works with. */
export interface LoopParts {
  readonly experiment: LoopSettings;
  /** SHA-256 over what decides the weights; a checkpoint of another is not gone on from. */
  readonly experimentHash: string;
  /** Where checkpoints go. */
  readonly folder: string;
  readonly task: Task;
  readonly memory: ParameterMemory;
  /** Told of everything that happens. */
  readonly emit: (event: Undated) => void;
  /** Asked between steps: a checkpoint is written and the loop ends. */
  readonly stopped: () => boolean;
}

/** A run at some position in its data. */
export class Loop {
  readonly plan: Plan;
  readonly #parts: LoopParts;
  readonly #optimizer: AdamW;
  readonly #ranking: Ranking;
  readonly #started = performance.now();
  #random: Random;
  #position: Position = { step: 0, epoch: 0, batch: 0 };
  #secondsBefore = 0;
  /** This step is to be measured and has not been yet. */
  #evaluationDue = false;

  constructor(parts: LoopParts) {
    const { experiment, task, memory } = parts;
    const { weightDecay, clip, ema, seed } = experiment;
    this.#parts = parts;
    this.plan = new Plan(experiment, task.lengths, task.weights);
    this.#optimizer = new AdamW(memory, { weightDecay, clip, emaDecay: ema?.decay ?? null });
    this.#ranking = new Ranking(experiment);
    this.#random = Random.seeded(seed, "dropout");
  }

  /**
   * Takes up where the newest undamaged checkpoint stopped.
   * @returns which it was, and newer ones that are damaged
   * @throws CHECKPOINT_NOT_FOUND, CHECKPOINT_MISMATCH
   */
  restore(): FoundCheckpoint {
    const { experimentHash, folder, memory } = this.#parts;
    const found = findCheckpoint(folder);
    const { path } = found;
    const state = loadCheckpoint(path, memory, { experimentHash });
    this.#optimizer.state = state.optimizer;
    this.#position = { step: state.step, epoch: state.epoch, batch: state.batch };
    this.#ranking.state = { ...state, bestWatched: state.bestWatched ?? null };
    this.#secondsBefore = state.seconds;
    this.#evaluationDue = state.evaluationDue ?? false;
    const { dropout } = state.random;
    if (dropout) this.#random = Random.restore(dropout);
    return found;
  }

  /** Trains to the end of the plan, or until it is stale or stopped. @throws TRAINING_DIVERGED, DISK_FULL, OUT_OF_MEMORY */
  async run(): Promise<RunOutcome> {
    const { evaluateEverySteps, checkpointEverySteps } = this.#parts.experiment;
    const { totalSteps } = this.plan;
    const isOver = (): boolean => !this.#evaluationDue && (this.step === totalSteps || this.#ranking.isStale);
    while (!isOver()) {
      if (!this.#evaluationDue) {
        await this.#step();
        this.#evaluationDue = this.step === totalSteps || this.step % evaluateEverySteps === 0;
      }
      if (this.#evaluationDue) this.#evaluationDue = !(await this.#evaluate());
      // An interruption at the very end changes nothing: the run is over.
      const interrupted = !isOver() && (this.#evaluationDue || this.#parts.stopped());
      if (isOver() || interrupted || this.step % checkpointEverySteps === 0) await this.#checkpoint();
      if (interrupted) return { reason: "interrupted", step: this.step, totalSteps };
    }
    return { reason: this.step === totalSteps ? "finished" : "early-stopping", step: this.step, totalSteps };
  }

  /** Seconds of training over all sittings. */
  get seconds(): number {
    return this.#secondsBefore + (performance.now() - this.#started) / 1000;
  }

  /** Steps done. */
  get step(): number {
    return this.#position.step;
  }

  /** One optimizer step: the planned rows, in parts if gradients are accumulated. */
  async #step(): Promise<void> {
    const { experiment, task, emit } = this.#parts;
    const { accumulate, learningRate } = experiment;
    const begun = performance.now();
    const rows = this.plan.rowsAt(this.#position);
    const losses: PartLosses[] = [];
    let tokens = 0;
    for await (const part of task.computeGradients(rows, this.#position.step, this.#random)) {
      tokens += part.size;
      losses.push(part);
      if (accumulate > 1) this.#optimizer.accumulate();
    }
    const factor = learningRateFactor(scheduleOf(experiment), this.#position.step, this.plan.totalSteps);
    const rates = { encoder: learningRate.encoder * factor, heads: learningRate.heads * factor };
    // Row weights already hold the division by the rows of the step, so the parts are added, not averaged.
    const { gradientNorm } = this.#optimizer.step({
      encoderLearningRate: rates.encoder,
      headLearningRate: rates.heads,
      gradientScale: 1,
    });
    const seconds = (performance.now() - begun) / 1000;
    const epoch = this.plan.progress(this.#position);
    this.#position = this.plan.next(this.#position);
    emit({
      type: "step",
      step: this.#position.step,
      epoch,
      loss: losses.reduce((sum, { total }) => sum + total, 0),
      losses: sumParts(losses),
      learningRate: rates,
      gradientNorm,
      examplesPerSecond: rows.length / seconds,
      tokensPerSecond: tokens / seconds,
    });
  }

  /** Measures the held-out rows and keeps the weights if they are among the best. @returns false when stopped meanwhile */
  async #evaluate(): Promise<boolean> {
    const { task, folder, memory, emit, stopped } = this.#parts;
    const figures = await task.measureFigures(() => !stopped());
    if (!figures) return false;
    const { isBest, isKept } = this.#ranking.add(this.step, figures);
    if (isKept) await saveCheckpoint(folder, memory, this.#state(), "best");
    emit({ type: "evaluation", step: this.step, figures: { ...figures }, best: isBest });
    return true;
  }

  async #checkpoint(): Promise<void> {
    const { folder, memory, emit } = this.#parts;
    const begun = performance.now();
    const path = await saveCheckpoint(folder, memory, this.#state());
    pruneCheckpoints(folder, { bestSteps: this.#ranking.state.best.map(({ step }) => step) });
    emit({ type: "checkpoint", step: this.step, path, milliseconds: performance.now() - begun });
  }

  #state(): CheckpointState {
    return {
      ...this.#position,
      ...this.#ranking.state,
      best: [...this.#ranking.state.best],
      totalSteps: this.plan.totalSteps,
      evaluationDue: this.#evaluationDue,
      optimizer: this.#optimizer.state,
      random: { dropout: [...this.#random.state] },
      experimentHash: this.#parts.experimentHash,
      seconds: this.seconds,
    };
  }
}

function sumParts(losses: readonly PartLosses[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { parts } of losses) {
    for (const [name, loss] of Object.entries(parts)) sums[name] = (sums[name] ?? 0) + loss;
  }
  return sums;
}
