/** @file The batches of a whole run, known from its seed alone: a place in the data is an epoch and a batch. */
import { AppError } from "../base/errors.js";
import { planEpoch } from "../data/batches.js";
import type { Experiment } from "./experiment.js";

/** A place in the data: the next batch to train on. */
export interface Position {
  readonly step: number;
  readonly epoch: number;
  readonly batch: number;
}

type PlanSettings = Pick<Experiment, "batchSize" | "accumulate" | "epochs" | "seed">;

/** Which rows each step sees. */
export class Plan {
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  readonly #make: (epoch: number) => Int32Array[];
  #epoch = -1;
  #batches: Int32Array[] = [];

  /**
   * @param lengths tokens of each row
   * @param weights how often each row is seen in an epoch
   * @throws CONFIG_INVALID when an epoch has no rows
   */
  constructor(experiment: PlanSettings, lengths: ArrayLike<number>, weights: ArrayLike<number>) {
    const { batchSize, accumulate, epochs, seed } = experiment;
    this.#make = (epoch) => planEpoch({ lengths, weights, batchSize: batchSize * accumulate, seed, epoch });
    let steps = 0;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const { length } = this.#make(epoch);
      if (length === 0) {
        throw new AppError(
          "CONFIG_INVALID",
          `corpora: expected rows in every epoch, got none in epoch ${epoch + 1}; raise their weight or share`,
        );
      }
      steps += Math.ceil(length * Math.min(1, epochs - epoch));
    }
    this.totalSteps = steps;
    this.stepsPerEpoch = this.#make(0).length;
  }

  /** Rows of the batch at a position. */
  rowsAt({ epoch, batch }: Position): Int32Array {
    return this.#of(epoch)[batch] as Int32Array;
  }

  /** The position after one. */
  next({ step, epoch, batch }: Position): Position {
    return batch + 1 < this.#of(epoch).length
      ? { step: step + 1, epoch, batch: batch + 1 }
      : { step: step + 1, epoch: epoch + 1, batch: 0 };
  }

  /** Epochs done at a position, with fraction. */
  progress({ epoch, batch }: Position): number {
    return epoch + batch / this.stepsPerEpoch;
  }

  #of(epoch: number): Int32Array[] {
    if (this.#epoch !== epoch) {
      this.#batches = this.#make(epoch);
      this.#epoch = epoch;
    }
    return this.#batches;
  }
}
