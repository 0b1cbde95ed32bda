/** @file Matrix products: how many operations a training step has, and how many a second the machine can do at best. */

import { encodeModel, Graph, matmul } from "../src/graph/index.js";
import type { EncoderConfig } from "../src/model/encoder-config.js";
import { layerOf } from "../src/model/encoder-parameters.js";
import { Session } from "../src/runtime/session.js";
import type { TrainedParameter } from "../src/training/trained-parameter.js";
import { time } from "./sample.js";

/** Parts of a layer that read what comes from the layer below. */
const firstParts = /\.(query|key|value)\.weight$/;

/**
 * Floating-point operations of the matrix products of one training step: a multiply and an add each, forward once,
 * backward once more for the weights that are trained and once more for the inputs that depend on any of these. Below
 * the lowest trained layer nothing goes backward. Lookups and everything element by element are left out.
 */
export function countStepFlops(
  config: EncoderConfig,
  specs: readonly TrainedParameter[],
  batch: number,
  tokens: number,
): number {
  const trained = specs.filter(({ frozen }) => !frozen).map(({ name }) => layerOf(name) ?? config.layers);
  const lowest = Math.min(...trained); // -1: the embeddings; config.layers: the heads alone
  let flops = 0;
  for (const { name, shape, frozen } of specs) {
    const [from, to] = shape;
    if (from === undefined || to === undefined || !name.endsWith(".weight")) continue;
    const layer = layerOf(name);
    const product = 2 * (layer === undefined ? batch : batch * tokens) * from * to;
    const readsBelow = layer === undefined || firstParts.test(name);
    const at = layer ?? config.layers;
    const inputDepends = readsBelow ? lowest < at : lowest <= at;
    flops += product * (1 + (frozen ? 0 : 1) + (inputDepends ? 1 : 0));
  }
  // Scores, query · keyᵀ, and the weighted sum of values: tokens × tokens × hidden each, for all heads together; backward
  // both sides of both.
  const attention = 2 * (2 * batch * tokens * tokens * config.hidden);
  for (let layer = 0; layer < config.layers; layer++) flops += attention * (lowest <= layer ? 3 : 1);
  return flops;
}

/** A large product as ONNX Runtime does it best: the right side constant, so that it is packed once. */
export class PeakMeter {
  readonly #session: Session;
  readonly #x: Float32Array;
  #best = 0;

  private constructor(session: Session) {
    this.#session = session;
    this.#x = new Float32Array(PeakMeter.rows * PeakMeter.size).fill(0.5);
  }

  static readonly rows = 768;
  static readonly size = 1536;

  /** Prepares the product `[768,1536] × [1536,1536]`. */
  static async open(threads: number): Promise<PeakMeter> {
    const { size } = PeakMeter;
    const graph = new Graph();
    const x = graph.input("x", "float32", ["rows", size]);
    const weight = graph.constant("float32", [size, size], new Float32Array(size * size).fill(0.25));
    graph.output("y", matmul(x, weight));
    return new PeakMeter(await Session.open(encodeModel(graph), { threads }));
  }

  /** Runs the product a few times. */
  async measure(runs: number): Promise<void> {
    const { rows, size } = PeakMeter;
    const flops = 2 * rows * size * size;
    for (let run = 0; run < runs; run++) {
      const ms = await time(() =>
        this.#session.run({ x: { type: "float32", dims: [rows, size], data: this.#x } }),
      );
      this.#best = Math.max(this.#best, flops / ms / 1e6);
    }
  }

  /** The best rate seen, in GFLOPS. */
  get best(): number {
    return this.#best;
  }

  /** Frees the session. */
  async close(): Promise<void> {
    await this.#session.close();
  }
}
