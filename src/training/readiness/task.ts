/** @file The readiness network as a task: windows in, losses and gradients out, figures on the validation learners. */

import { Random } from "../../base/random.js";
import { sigmoid } from "../../calibration/probability.js";
import { areaUnderCurve } from "../../metrics/auc.js";
import { pearson } from "../../metrics/correlation.js";
import type { ReadinessConfig } from "../../readiness/network.js";
import { Session, type SessionOptions, type Tensor } from "../../runtime/session.js";
import type { ParameterMemory } from "../memory.js";
import type { PartLosses, Task } from "../task.js";
import { gradientName } from "../trained-parameter.js";
import type { ReadinessExperiment } from "./experiment.js";
import {
  buildReadinessForward,
  buildReadinessTraining,
  listTrainedParameters,
  type ReadinessLoss,
  readinessLosses,
  targetName,
  weightName,
} from "./network.js";
import { drawHidden, hideInputs, type Windows } from "./windows.js";

/** What the network says of validation windows, in order: logits, `[rows]` each. */
export interface ReadinessLogits {
  readonly readiness: Float32Array;
  readonly engagement: Float32Array;
  readonly cognitiveLoad: Float32Array;
}

/** What a readiness task is made for. */
export interface ReadinessTaskParts {
  readonly experiment: ReadinessExperiment;
  readonly config: ReadinessConfig;
  readonly memory: ParameterMemory;
  readonly train: Windows;
  readonly validation: Windows;
  readonly session: SessionOptions;
}

/** Validation rows run at a time. */
const rowsAtOnce = 512;

/** The readiness network. */
export class ReadinessTask implements Task {
  readonly lengths: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
  readonly #parts: ReadinessTaskParts;
  readonly #trainer: Session;
  readonly #forward: Session;
  readonly #weights: Record<string, Tensor> = {};
  readonly #fetches: Record<string, Tensor | null> = { loss: null };

  private constructor(parts: ReadinessTaskParts, trainer: Session, forward: Session) {
    this.#parts = parts;
    this.#trainer = trainer;
    this.#forward = forward;
    this.lengths = new Float64Array(parts.train.size).fill(1);
    this.weights = this.lengths;
    for (const { name, shape } of listTrainedParameters(parts.config)) {
      const tensor = (data: Float32Array): Tensor => ({ type: "float32", dims: shape, data });
      this.#weights[name] = tensor(parts.memory.weights(name));
      this.#fetches[gradientName(name)] = tensor(parts.memory.gradient(name));
    }
    for (const loss of readinessLosses) this.#fetches[`loss.${loss}`] = null;
  }

  /** Builds and opens both graphs. @throws PROVIDER_UNAVAILABLE as `Session.open` */
  static async open(parts: ReadinessTaskParts): Promise<ReadinessTask> {
    const { config, experiment, session } = parts;
    const training = buildReadinessTraining(config, experiment.lossWeights);
    return new ReadinessTask(
      parts,
      await Session.open(training, session),
      await Session.open(buildReadinessForward(config), session),
    );
  }

  async *computeGradients(rows: Int32Array, step: number): AsyncGenerator<PartLosses> {
    const { batchSize } = this.#parts.experiment;
    for (let start = 0; start < rows.length; start += batchSize) {
      yield await this.#computePart(rows.slice(start, start + batchSize), step, rows.length);
    }
  }

  async measureFigures(keepGoing: () => boolean): Promise<Record<string, number> | undefined> {
    const { validation, memory } = this.#parts;
    const region = memory.has("average") ? "average" : "weights";
    const logits = await computeReadinessLogits(this.#forward, this.#feedsOf(region), validation, keepGoing);
    return logits && measureReadinessFigures(validation, logits);
  }

  async close(): Promise<void> {
    await this.#trainer.close();
    await this.#forward.close();
  }

  async #computePart(rows: Int32Array, step: number, total: number): Promise<PartLosses> {
    const { train, experiment } = this.#parts;
    const random = Random.seeded(experiment.seed, `inputs:${step}:${rows[0]}`);
    const batch = train.lay(rows, (moments) =>
      hideInputs(moments, drawHidden(experiment.inputDropout, random)),
    );
    const feeds: Record<string, Tensor> = { ...this.#weights, ...batch.feeds };
    const dims = [rows.length, 1];
    for (const loss of readinessLosses) {
      const targets = Array.from(rows, (row) => targetOf(train, row, loss));
      feeds[targetName(loss)] = { type: "float32", dims, data: Float32Array.from(targets, (y) => y ?? 0) };
      const weights = Float32Array.from(targets, (y) => (y === undefined ? 0 : 1 / total));
      feeds[weightName(loss)] = { type: "float32", dims, data: weights };
    }
    const results = await this.#trainer.run(feeds, this.#fetches);
    const read = (name: string): number => Number((results[name] as Tensor).data[0]);
    return {
      total: read("loss"),
      parts: Object.fromEntries(readinessLosses.map((loss) => [loss, read(`loss.${loss}`)])),
      size: batch.mask.length,
    };
  }

  /** What the forward graph takes: it has no link to success. */
  #feedsOf(region: "weights" | "average"): Record<string, Tensor> {
    const { memory } = this.#parts;
    return Object.fromEntries(
      Object.entries(this.#weights).flatMap(([name, tensor]) => {
        if (!this.#forward.inputs.includes(name)) return [];
        const data = region === "average" ? memory.average(name) : memory.weights(name);
        return [[name, { ...tensor, data } as Tensor]];
      }),
    );
  }
}

function targetOf(windows: Windows, row: number, loss: ReadinessLoss): number | undefined {
  const { success, latent } = windows.targetsOf(row);
  return loss === "success" ? success : latent?.[loss];
}

/** Runs all windows through a forward graph, nothing hidden; `undefined` when told to stop meanwhile. */
export async function computeReadinessLogits(
  session: Session,
  weights: Readonly<Record<string, Tensor>>,
  windows: Windows,
  keepGoing: () => boolean = () => true,
): Promise<ReadinessLogits | undefined> {
  const logits = {
    readiness: new Float32Array(windows.size),
    engagement: new Float32Array(windows.size),
    cognitiveLoad: new Float32Array(windows.size),
  };
  for (let start = 0; start < windows.size; start += rowsAtOnce) {
    if (!keepGoing()) return undefined;
    const rows = Int32Array.from({ length: Math.min(rowsAtOnce, windows.size - start) }, (_, i) => start + i);
    const results = await session.run({ ...weights, ...windows.lay(rows, (all) => all).feeds });
    for (const [name, values] of Object.entries(logits)) {
      values.set((results[name] as Tensor).data as Float32Array, start);
    }
  }
  return logits;
}

/**
 * Figures of windows whose truth is known: `success.auc` of the readiness score, and Pearson's r of `readiness.r`,
 * `engagement.r` and `cognitiveLoad.r` with what is true of the simulated learners.
 */
export function measureReadinessFigures(windows: Windows, logits: ReadinessLogits): Record<string, number> {
  const all = Int32Array.from({ length: windows.size }, (_, row) => row);
  const successes = Array.from(all, (row) => windows.targetsOf(row).success);
  const figures: Record<string, number> = {
    "success.auc": areaUnderCurve(successes, logits.readiness, all),
  };
  const known = all.filter((row) => windows.targetsOf(row).latent !== undefined);
  for (const name of ["readiness", "engagement", "cognitiveLoad"] as const) {
    const truths = Array.from(all, (row) => windows.targetsOf(row).latent?.[name] ?? Number.NaN);
    figures[`${name}.r`] = pearson(truths, sigmoid(logits[name]), known);
  }
  return figures;
}
