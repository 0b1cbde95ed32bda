/** @file Micro-batching: what is asked for at the same time goes through the model together, whoever asked. */
import type { HeadLogits } from "../calibration/calibration.js";

/** What the model puts out for a window: the logits of every head and the vector beneath them. */
export interface WindowOutput extends HeadLogits {
  /** Mean of the encoder's last layer over the window's tokens, `[hidden]`. */
  readonly pooled: Float32Array;
}

/** One pass through the model: token ids of each window in, outputs of each window out, in the same order. */
export type Forward = (windows: readonly Int32Array[]) => Promise<readonly WindowOutput[]>;

/** How large a batch may be. */
export interface BatchLimits {
  /** Windows in a batch. */
  readonly maxBatch: number;
  /** Tokens in a batch, padding included; a single longer window still runs, alone. */
  readonly maxBatchTokens: number;
}

interface Job {
  readonly ids: Int32Array;
  readonly resolve: (output: WindowOutput) => void;
  readonly reject: (error: unknown) => void;
}

/** Batches sorted by length within one round; a longer round would pad less and make late callers wait more. */
const batchesPerRound = 16;

/** Gathers windows from all callers into batches and runs them one batch at a time. */
export class Batcher {
  readonly #forward: Forward;
  readonly #limits: BatchLimits;
  #queue: Job[] = [];
  #running = false;

  constructor(forward: Forward, limits: BatchLimits) {
    this.#forward = forward;
    this.#limits = limits;
  }

  /**
   * Queues windows; resolves with their outputs in the same order once all have run.
   * Rejects with the model's error where one of these windows failed; windows of other callers are not affected.
   */
  submit(windows: readonly Int32Array[]): Promise<WindowOutput[]> {
    const answers = windows.map(
      (ids) => new Promise<WindowOutput>((resolve, reject) => this.#queue.push({ ids, resolve, reject })),
    );
    if (!this.#running) {
      this.#running = true;
      // After the present turn of the event loop, so that all its callers share the batch.
      setImmediate(() => void this.#drain());
    }
    return Promise.all(answers);
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const round = this.#queue.splice(0, this.#limits.maxBatch * batchesPerRound);
      for (const batch of cutBatches(round, (job) => job.ids.length, this.#limits)) await this.#run(batch);
    }
    this.#running = false;
  }

  /** A failed batch is run again by halves, so that the window at fault fails alone (or a smaller batch fits in memory). */
  async #run(batch: readonly Job[]): Promise<void> {
    try {
      const outputs = await this.#forward(batch.map((job) => job.ids));
      batch.forEach((job, i) => {
        job.resolve(outputs[i] as WindowOutput);
      });
    } catch (error) {
      if (batch.length === 1) return batch[0]?.reject(error);
      const middle = batch.length >> 1;
      await this.#run(batch.slice(0, middle));
      await this.#run(batch.slice(middle));
    }
  }
}

/**
 * Cuts items into batches of similar length, longest first, each within the limits once padded to its longest item.
 * Every item is in exactly one batch.
 */
export function cutBatches<T>(items: readonly T[], length: (item: T) => number, limits: BatchLimits): T[][] {
  const sorted = [...items].sort((a, b) => length(b) - length(a));
  const batches: T[][] = [];
  let batch: T[] = [];
  let longest = 0;
  for (const item of sorted) {
    const full = batch.length >= limits.maxBatch || (batch.length + 1) * longest > limits.maxBatchTokens;
    if (batch.length === 0 || full) {
      batch = [];
      batches.push(batch);
      longest = length(item);
    }
    batch.push(item);
  }
  return batches;
}
