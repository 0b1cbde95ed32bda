/** @file Matrix products: how many operations a training step has, and how many a second the machine can do at best. */
import { encodeModel, Graph, matmul } from "../src/graph/index.js";
import type { EncoderConfig } from "../src/model/encoder-config.js";
import type { ParameterSpec } from "../src/model/parameter.js";
import { Session } from "../src/runtime/session.js";
import { time } from "./sample.js";

/**
 * Floating-point operations of the matrix products of one training step: a multiply and an add each, forward once and
 * backward twice (for the inputs and for the weights). Lookups and everything element by element are left out.
 */
export function countStepFlops(
  config: EncoderConfig,
  specs: readonly ParameterSpec[],
  batch: number,
  tokens: number,
): number {
  let forward = 0;
  for (const { name, shape } of specs) {
    const [from, to] = shape;
    if (from === undefined || to === undefined || !name.endsWith(".weight")) continue;
    forward += 2 * (name.startsWith("head.") ? batch : batch * tokens) * from * to;
  }
  // Scores, query · keyᵀ, and the weighted sum of values: tokens × tokens × hidden each, for all heads together.
  forward += config.layers * 2 * (2 * batch * tokens * tokens * config.hidden);
  return 3 * forward;
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
