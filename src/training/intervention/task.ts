/** @file The value network as a task: decisions in, loss and gradients out, figures on those held out. */

import { levelCount } from "../../policy/decision.js";
import type { InterruptionCost } from "../../policy/learned-policy.js";
import { fixedParameters, type ValueNetworkSizes } from "../../policy/network.js";
import { Session, type SessionOptions, type Tensor } from "../../runtime/session.js";
import type { ParameterMemory } from "../memory.js";
import type { PartLosses, Task } from "../task.js";
import { gradientName } from "../trained-parameter.js";
import { measureInterventionFigures } from "./figures.js";
import { buildInterventionForward, buildInterventionTraining, listTrainedParameters } from "./network.js";
import { drawBootstrap, type OutcomeTable } from "./table.js";

/** What an intervention task is made for. */
export interface InterventionTaskParts {
  readonly sizes: ValueNetworkSizes;
  readonly memory: ParameterMemory;
  readonly train: OutcomeTable;
  readonly validation: OutcomeTable;
  readonly cost: InterruptionCost;
  readonly batchSize: number;
  readonly seed: number;
  readonly session: SessionOptions;
}

/** Validation rows run at a time. */
const rowsAtOnce = 2048;

/** The value network. */
export class InterventionTask implements Task {
  readonly lengths: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly #parts: InterventionTaskParts;
  readonly #trainer: Session;
  readonly #forward: Session;
  readonly #bootstrap: Uint8Array;
  readonly #weights: Record<string, Tensor> = {};
  readonly #fetches: Record<string, Tensor | null> = { loss: null };

  private constructor(parts: InterventionTaskParts, trainer: Session, forward: Session) {
    const { sizes, memory, train, seed } = parts;
    this.#parts = parts;
    this.#trainer = trainer;
    this.#forward = forward;
    this.#bootstrap = drawBootstrap(train.learners, sizes.heads, seed);
    this.lengths = new Float64Array(train.rows).fill(1);
    this.weights = this.lengths;
    for (const { name, shape, frozen } of listTrainedParameters(sizes)) {
      const tensor = (data: Float32Array): Tensor => ({ type: "float32", dims: shape, data });
      this.#weights[name] = tensor(memory.weights(name));
      if (frozen !== true) this.#fetches[gradientName(name)] = tensor(memory.gradient(name));
    }
  }

  /** Builds and opens both graphs. @throws PROVIDER_UNAVAILABLE as `Session.open` */
  static async open(parts: InterventionTaskParts): Promise<InterventionTask> {
    const { sizes, session } = parts;
    return new InterventionTask(
      parts,
      await Session.open(buildInterventionTraining(sizes), session),
      await Session.open(buildInterventionForward(sizes), session),
    );
  }

  async *computeGradients(rows: Int32Array): AsyncGenerator<PartLosses> {
    const { batchSize } = this.#parts;
    for (let start = 0; start < rows.length; start += batchSize) {
      yield await this.#computePart(rows.slice(start, start + batchSize), rows.length);
    }
  }

  async measureFigures(keepGoing: () => boolean): Promise<Record<string, number> | undefined> {
    const { validation, sizes, cost, memory } = this.#parts;
    const region = memory.has("average") ? "average" : "weights";
    const feeds = Object.fromEntries(
      Object.entries(this.#weights).map(([name, tensor]): [string, Tensor] => {
        const data = region === "average" ? memory.average(name) : memory.weights(name);
        return [name, { type: "float32", dims: tensor.dims, data }];
      }),
    );
    const outcomes = new Float32Array(validation.rows * sizes.heads * levelCount);
    for (let start = 0; start < validation.rows; start += rowsAtOnce) {
      if (!keepGoing()) return undefined;
      const length = Math.min(rowsAtOnce, validation.rows - start);
      const rows = Int32Array.from({ length }, (_, i) => start + i);
      const { outcome } = await this.#forward.run({ ...feeds, ...layFeatures(validation, rows) }, [
        "outcome",
      ]);
      outcomes.set((outcome as Tensor).data as Float32Array, start * sizes.heads * levelCount);
    }
    return measureInterventionFigures(validation, outcomes, sizes.heads, cost);
  }

  async close(): Promise<void> {
    await this.#trainer.close();
    await this.#forward.close();
  }

  async #computePart(rows: Int32Array, total: number): Promise<PartLosses> {
    const { train, sizes, memory } = this.#parts;
    const { heads } = sizes;
    const given = new Float32Array(rows.length * levelCount);
    const target = new Float32Array(rows.length);
    const weight = new Float32Array(rows.length * heads);
    const [mean = 0] = memory.weights(fixedParameters.outcomeMean);
    const [scale = 1] = memory.weights(fixedParameters.outcomeScale);
    rows.forEach((row, i) => {
      given[i * levelCount + (train.level[row] as number)] = 1;
      target[i] = ((train.outcome[row] as number) - mean) / scale;
      const learner = train.learner[row] as number;
      for (let head = 0; head < heads; head++)
        weight[i * heads + head] = (this.#bootstrap[learner * heads + head] as number) / (heads * total);
    });
    const input = (data: Float32Array, width: number): Tensor => ({
      type: "float32",
      dims: [rows.length, width],
      data,
    });
    const feeds: Record<string, Tensor> = {
      ...this.#weights,
      ...layFeatures(train, rows),
      given: input(given, levelCount),
      target: input(target, 1),
      weight: input(weight, heads),
    };
    const results = await this.#trainer.run(feeds, this.#fetches);
    const loss = Number((results.loss as Tensor).data[0]);
    return { total: loss, parts: { outcome: loss }, size: rows.length };
  }
}

/** Features of rows as the network reads them. */
function layFeatures({ values, known, rows: all }: OutcomeTable, rows: Int32Array): Record<string, Tensor> {
  const features = values.length / all;
  const laid = {
    values: new Float32Array(rows.length * features),
    known: new Float32Array(rows.length * features),
  };
  rows.forEach((row, i) => {
    laid.values.set(values.subarray(row * features, (row + 1) * features), i * features);
    laid.known.set(known.subarray(row * features, (row + 1) * features), i * features);
  });
  const dims = [rows.length, features];
  return {
    values: { type: "float32", dims, data: laid.values },
    known: { type: "float32", dims, data: laid.known },
  };
}
