/** @file What a loop trains: anything that gives gradients of its rows and figures of how well it does. */
import type { Random } from "../base/random.js";
import type { Experiment } from "./experiment.js";

/** Losses of a step's rows or part of them; a step's parts add up to the whole. */
export interface PartLosses {
  readonly total: number;
  /** Each loss by its name, before weighting. */
  readonly parts: Readonly<Record<string, number>>;
  /** Tokens or places computed, padding included: for the speed shown. */
  readonly size: number;
}

/** What the loop drives. */
export interface Task {
  /** Size of each training row: those of like size share a batch. */
  readonly lengths: ArrayLike<number>;
  /** How often each row is seen in an epoch, on average. */
  readonly weights: ArrayLike<number>;
  /**
   * Computes a step's gradients part by part: those of a part are in the memory when its losses come.
   * @param rows of the step
   * @throws RUNTIME_FAILED, OUT_OF_MEMORY
   */
  computeGradients(rows: Int32Array, step: number, random: Random): AsyncIterable<PartLosses>;
  /** Figures on held-out rows by the weights as they are; `undefined` when told to stop meanwhile. */
  measureFigures(keepGoing: () => boolean): Promise<Readonly<Record<string, number>> | undefined>;
  /** Frees what is native. */
  close(): Promise<void>;
}

/** What the loop reads of an experiment, whatever it trains. */
export type LoopSettings = Pick<
  Experiment,
  | "name"
  | "seed"
  | "batchSize"
  | "accumulate"
  | "epochs"
  | "learningRate"
  | "schedule"
  | "warmup"
  | "weightDecay"
  | "clip"
  | "ema"
  | "evaluateEverySteps"
  | "checkpointEverySteps"
  | "keepBest"
  | "earlyStopping"
  | "selectBy"
>;
