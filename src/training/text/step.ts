/** @file One training step: a batch through the graph, gradients into the memory, an update of the weights. */

import type { Random } from "../../base/random.js";
import { Session, type SessionOptions, type Tensor } from "../../runtime/session.js";
import type { ParameterMemory } from "../memory.js";
import { gradientName } from "../trained-parameter.js";
import { buildTrainingNetwork, type NetworkOptions, type TrainingNetwork, wordTable } from "./network.js";
import type { TargetBatch } from "./target.js";

/** Losses of a batch (or part of one): weighted sums over its rows. */
export interface BatchLosses {
  readonly total: number;
  /** By the head's name, or `similarity`. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Tokens of a batch and what its rows are trained for. */
export interface TrainingBatch {
  /** int64 `[batch,tokens]` */
  readonly ids: BigInt64Array;
  /** int64 `[batch,tokens]` */
  readonly mask: BigInt64Array;
  readonly batch: number;
  readonly tokens: number;
  readonly targets: TargetBatch;
}

/** The training graph in a session, bound to a memory: inputs are read and gradients written in place. */
export class Trainer {
  readonly #session: Session;
  readonly #network: TrainingNetwork;
  readonly #memory: ParameterMemory;
  readonly #options: NetworkOptions;
  readonly #weights: Record<string, Tensor> = {};
  readonly #fetches: Record<string, Tensor | null> = { loss: null };
  readonly #touched = new Set<number>();
  #rows = new Float32Array(0);

  private constructor(
    session: Session,
    network: TrainingNetwork,
    memory: ParameterMemory,
    options: NetworkOptions,
  ) {
    this.#session = session;
    this.#network = network;
    this.#memory = memory;
    this.#options = options;
    for (const { name, shape } of options.parameters) {
      if (session.inputs.includes(name))
        this.#weights[name] = { type: "float32", dims: shape, data: memory.weights(name) };
    }
    for (const { name, shape } of network.dense) {
      this.#fetches[gradientName(name)] = { type: "float32", dims: shape, data: memory.gradient(name) };
    }
    for (const part of network.parts) this.#fetches[`loss.${part}`] = null;
  }

  /** Builds and opens the graph. @throws PROVIDER_UNAVAILABLE as `Session.open` */
  static async open(
    options: NetworkOptions,
    memory: ParameterMemory,
    session: SessionOptions,
  ): Promise<Trainer> {
    const network = buildTrainingNetwork(options);
    // One memory plan a shape would be kept for ever; batches come in dozens of shapes.
    return new Trainer(
      await Session.open(network.model, { memoryPattern: false, ...session }),
      network,
      memory,
      options,
    );
  }

  /** Runs forward and backward; the gradients are in the memory when it is done. @throws RUNTIME_FAILED, OUT_OF_MEMORY */
  async computeGradients(batch: TrainingBatch, random: Random): Promise<BatchLosses> {
    const dims = [batch.batch, batch.tokens];
    const feeds: Record<string, Tensor> = {
      ...this.#weights,
      ...batch.targets.feeds,
      ...this.#network.dropout.draw(random, { batch: batch.batch, tokens: batch.tokens }),
      input_ids: { type: "int64", dims, data: batch.ids },
      attention_mask: { type: "int64", dims, data: batch.mask },
    };
    if (this.#network.trainsWords) this.#fetches[gradientName(wordTable)] = this.#rowTensor(batch);
    const results = await this.#session.run(feeds, this.#fetches);
    if (this.#network.trainsWords) this.#scatterRows(batch);
    const read = (name: string): number => Number((results[name] as Tensor).data[0]);
    const parts = Object.fromEntries(this.#network.parts.map((part) => [part, read(`loss.${part}`)]));
    return { total: read("loss"), parts };
  }

  /** Frees the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  #rowTensor({ batch, tokens }: TrainingBatch): Tensor {
    const { hidden } = this.#options.config;
    const size = batch * tokens * hidden;
    if (this.#rows.length < size) this.#rows = new Float32Array(size);
    return { type: "float32", dims: [batch * tokens, hidden], data: this.#rows.subarray(0, size) };
  }

  /** Adds the gradient of each looked-up row to its word; only rows touched last time are cleared first. */
  #scatterRows({ ids }: TrainingBatch): void {
    const { hidden } = this.#options.config;
    const table = this.#memory.gradient(wordTable);
    for (const id of this.#touched) table.fill(0, id * hidden, (id + 1) * hidden);
    this.#touched.clear();
    for (let row = 0; row < ids.length; row++) {
      const id = Number(ids[row]);
      this.#touched.add(id);
      const to = id * hidden;
      const from = row * hidden;
      for (let i = 0; i < hidden; i++)
        table[to + i] = (table[to + i] as number) + (this.#rows[from + i] as number);
    }
  }
}
