/** @file AdamW over the parameter memory, with clipping, accumulation and a moving average of the weights. */
import { AppError } from "../base/errors.js";
import type { ParameterMemory } from "./memory.js";

/** Settings of the optimizer; what is left out has the usual value. */
export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled: weights shrink by learning rate × this each step. */
  readonly weightDecay?: number;
  /** Largest global norm of the gradients; `null` for no clipping. */
  readonly clip?: number | null;
  /** Share of the moving average that stays each step; left out or `null`: none is kept. */
  readonly emaDecay?: number | null;
}

/** Learning rates of one step, and what the gradients are multiplied by before anything else. */
export interface StepRates {
  readonly encoderLearningRate: number;
  readonly headLearningRate: number;
  /** Default: 1 over the number of gradients accumulated since the last step, so that their mean is followed. */
  readonly gradientScale?: number;
}

/** What a step saw. */
export interface StepReport {
  /** Global L2 norm of the (scaled) gradients before clipping. */
  readonly gradientNorm: number;
  readonly clipped: boolean;
}

/** What a checkpoint keeps of the optimizer; the moments are in the memory. */
export interface OptimizerState {
  readonly step: number;
}

/**
 * AdamW with bias correction, decoupled weight decay and one global norm over all trainable gradients.
 * @source Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019; clipping: Pascanu et al., 2013.
 */
export class AdamW {
  readonly #memory: ParameterMemory;
  readonly #options: Required<AdamWOptions>;
  #step = 0;
  #accumulated = 0;

  /** @throws INTERNAL when an average is asked for of a memory that has none */
  constructor(memory: ParameterMemory, options: AdamWOptions = {}) {
    this.#memory = memory;
    this.#options = {
      beta1: options.beta1 ?? 0.9,
      beta2: options.beta2 ?? 0.999,
      epsilon: options.epsilon ?? 1e-8,
      weightDecay: options.weightDecay ?? 0.01,
      clip: options.clip === undefined ? 1 : options.clip,
      emaDecay: options.emaDecay ?? null,
    };
    if (this.#options.emaDecay !== null) memory.address("average");
  }

  /** Steps taken. Set together with the memory when a checkpoint is loaded. */
  get state(): OptimizerState {
    return { step: this.#step };
  }

  set state(state: OptimizerState) {
    this.#step = state.step;
    this.#accumulated = 0;
  }

  /** Gradients added since the last step. */
  get accumulated(): number {
    return this.#accumulated;
  }

  /** Adds the memory's gradients to the sum the next `step` follows instead of them. */
  accumulate(): void {
    const memory = this.#memory;
    if (this.#accumulated === 0) memory.copy("gradients", "accumulated");
    else
      memory.kernels.add(memory.address("accumulated"), memory.address("gradients"), memory.trainableCount);
    this.#accumulated++;
  }

  /**
   * One update from the gradients in the memory, or from their sum if any were accumulated.
   * @throws TRAINING_DIVERGED when the norm is not finite; weights, moments and the step count are then untouched and
   * what was accumulated is dropped
   */
  step(rates: StepRates): StepReport {
    const memory = this.#memory;
    const source = this.#accumulated > 0 ? "accumulated" : "gradients";
    const scale = rates.gradientScale ?? 1 / Math.max(1, this.#accumulated);
    this.#accumulated = 0;
    const squares = memory.kernels.sum_squares(memory.address(source), memory.trainableCount);
    const gradientNorm = Math.abs(scale) * Math.sqrt(squares);
    if (!Number.isFinite(gradientNorm)) {
      throw new AppError(
        "TRAINING_DIVERGED",
        `optimizer: expected a finite gradient norm, got ${gradientNorm} after ${this.#step} steps; lower the learning rate, lengthen the warm-up or resume from an earlier checkpoint`,
      );
    }
    const { clip, emaDecay } = this.#options;
    const clipped = clip !== null && gradientNorm > clip;
    // A moving average starts from the weights before the first step.
    if (emaDecay !== null && this.#step === 0) memory.copy("weights", "average");
    this.#step++;
    this.#update(source, rates, clipped ? (scale * clip) / gradientNorm : scale);
    if (emaDecay !== null) this.#average(emaDecay);
    return { gradientNorm, clipped };
  }

  #update(source: "gradients" | "accumulated", rates: StepRates, scale: number): void {
    const memory = this.#memory;
    const { beta1, beta2, epsilon, weightDecay } = this.#options;
    const bc1 = 1 - beta1 ** this.#step;
    const bc2 = 1 - beta2 ** this.#step;
    for (const { group, decay, learningRateScale, offset, count } of memory.ranges) {
      const base = group === "encoder" ? rates.encoderLearningRate : rates.headLearningRate;
      const rate = base * learningRateScale;
      memory.kernels.adamw(
        memory.address("weights", offset),
        memory.address(source, offset),
        memory.address("moment1", offset),
        memory.address("moment2", offset),
        count,
        rate,
        beta1,
        beta2,
        epsilon,
        decay ? rate * weightDecay : 0,
        bc1,
        bc2,
        scale,
      );
    }
  }

  /** Early on the average forgets faster, (1 + t) / (10 + t), so that it is not held back by where training began. */
  #average(decay: number): void {
    const memory = this.#memory;
    const soft = Math.min(decay, (1 + this.#step) / (10 + this.#step));
    memory.kernels.ema(memory.address("average"), memory.address("weights"), memory.trainableCount, soft);
  }
}

/**
 * Learning-rate scale of each encoder layer, `[layers + 1]`: place 0 is the embeddings, the last the topmost layer at 1.
 * @param decay factor from one layer to the one below it, in (0, 1]
 * @source Howard & Ruder, "Universal Language Model Fine-tuning for Text Classification", 2018 (discriminative rates).
 */
export function layerLearningRateScales(layers: number, decay: number): number[] {
  return Array.from({ length: layers + 1 }, (_, depth) => decay ** (layers - depth));
}
